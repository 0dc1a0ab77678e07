/// How a command ended, as its exit status; scripts rely on these numbers.
///
/// When several apply, the first of `interrupted, internalError, inputOutput, configuration, keysRefused, unreachable,
/// outOfCredits, jobsFailed` counts.
enum Exit: Int32, Error {
    /// Done, also when there was nothing to do.
    case done = 0
    /// Done, but jobs failed or are held, or inputs were refused.
    case jobsFailed = 1
    /// The audit found a violation.
    case violation = 2
    /// Stopped with jobs waiting, because credits, quotas or `--max-credits` ran out, or a tenant's bound on what waits.
    case outOfCredits = 3
    /// The command line, or a file that it names, is not as it must be.
    case usage = 64
    /// The database or the provider cannot be reached.
    case unreachable = 69
    /// A mistake of Meshmill's own.
    case internalError = 70
    /// A file cannot be read or written.
    case inputOutput = 74
    /// Interrupted; the same command goes on where it stopped.
    case interrupted = 75
    /// The provider refused every key.
    case keysRefused = 77
    /// The environment, the master key or the schema is not as it must be.
    case configuration = 78
}
