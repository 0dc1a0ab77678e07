import FoundationEssentials

/// How long fuzzing goes on.
enum FuzzTime {
    /// How long each subject is fuzzed, in seconds; nil is a few thousand mutations, always the same.
    static let seconds = ProcessInfo.processInfo.environment["MESHMILL_FUZZ_SECONDS"].flatMap { Double($0) }

    /// The most minutes of a test; an input that is never done with would not be reported otherwise.
    static var longestMinutes: Int { 10 + Int((seconds ?? 0) / 60) }
}
