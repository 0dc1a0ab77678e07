extension ManualPage {
    /// What each exit status means.
    static let exits: [(status: Int32, meaning: String)] = [
        (Exit.done, "Done, also when there was nothing to do."),
        (.jobsFailed, "Done, but jobs failed or are held, or inputs were refused; doctor: there is a problem."),
        (.violation, "The audit found a violation."),
        (.outOfCredits, "Credits, quotas or --max-credits ran out with jobs waiting, or a tenant has its most."),
        (.usage, "The command line, or a file that it names, is not as it must be."),
        (.unreachable, "The database or the provider cannot be reached."),
        (.internalError, "A mistake of the program's own."),
        (.inputOutput, "A file cannot be read or written."),
        (.interrupted, "Interrupted; the same command goes on where it stopped."),
        (.keysRefused, "The provider refused every key."),
        (.configuration, "The environment, the master key or the schema is not as it must be."),
    ].map { ($0.0.rawValue, $0.1) }

    /// The variables that it reads; what they are by default is told in the README.
    static let environment: [(name: String, meaning: String)] = [
        ("DATABASE_URL", "The database; also PGHOST and the others of libpq. (default: a private PostgreSQL)"),
        ("MESHMILL_HOME", "What it keeps for itself. (default: .meshmill)"),
        ("AMARA_API_URL", "Base URL of the provider."),
        ("AMARA_API_KEYS", "Keys that run takes in, separated by commas."),
        ("MESHMILL_MASTER_KEY", "Seals the keys: 32 bytes in Base64 or hexadecimal."),
        ("MESHMILL_MASTER_KEY_FILE", "A file that holds it instead."),
        ("MESHMILL_ARTIFACTS", "Where prepared images lie: a path or file: address that all workers see."),
        ("MESHMILL_LISTEN_URL", "A direct connection for LISTEN, if the database is behind PgBouncer."),
        ("MESHMILL_LEASE", "How long a silent worker keeps its jobs. (default: 30s)"),
        ("MESHMILL_REQUEST_DEADLINE", "How long a POST may take. (default: 60s)"),
        ("MESHMILL_GRACE", "How long after that the provider may still count it. (default: 60s)"),
        ("MESHMILL_MARGIN", "Added to every window before a slot is used again."),
        ("MESHMILL_ACTOR", "Who the audit log says acted. (default: the login name)"),
        ("MESHMILL_CA_FILE", "A certificate authority of your own."),
        ("MESHMILL_INSECURE", "1 lets keys travel by plain http beyond this machine."),
        ("HTTPS_PROXY", "A proxy on the way to the provider."),
        ("LOG_LEVEL", "trace, debug, info, notice, warning, error or critical. (default: info)"),
        ("LOG_FORMAT", "text, or json for machines."),
        ("NO_COLOR", "No colour."),
    ]
}
