import ArgumentParser
import MeshmillCore

/// A setting of the installation, which an environment variable of a process may override.
enum Setting: String, CaseIterable, ExpressibleByArgument {
    case lease
    case requestDeadline = "request_deadline"
    case grace
    case margin
    case windowModel = "window_model"
    case keyPolicy = "key_policy"
    case archiveAfter = "archive_after"
    case retention

    /// What it is set to.
    enum Kind {
        case time(ClosedRange<Duration>)
        /// One of these words.
        case word([String])
    }

    /// What it is when nobody sets it, for people.
    var standard: String {
        switch self {
        case .lease: "30s"
        case .requestDeadline, .grace: "60s"
        case .margin: "a 300th of the window, 20ms to 3s"
        case .windowModel: "auto"
        case .keyPolicy: "largest-remaining"
        case .archiveAfter: "30d"
        case .retention: "for ever"
        }
    }

    /// Values that it may have.
    var kind: Kind {
        switch self {
        case .lease: .time(.seconds(2)...(.seconds(3_600)))
        case .requestDeadline: .time(.seconds(1)...(.seconds(3_600)))
        case .grace: .time(.zero...(.seconds(3_600)))
        case .margin: .time(Self.margins)
        case .windowModel: .word(["auto", "slots", "paced", "strict"])
        case .keyPolicy: .word(["largest-remaining", "even", "fill-first"])
        case .archiveAfter: .time(.seconds(3_600)...DurationText.longest)
        case .retention: .time(.seconds(86_400)...DurationText.longest)
        }
    }

    /// What a margin may be.
    static let margins: ClosedRange<Duration> = .milliseconds(1)...(.seconds(3_600))

    /// What is wrong with a value, for people; nil if it may be set.
    func problem(with value: String) -> String? {
        switch kind {
        case .time(let allowed):
            if let time = DurationText.parse(value), allowed.contains(time) { return nil }
            let least = DurationText.format(allowed.lowerBound)
            return "\(rawValue) is a length of time from \(least) to \(DurationText.format(allowed.upperBound))"
        case .word(let words):
            return words.contains(value) ? nil : "\(rawValue) is one of \(words.joined(separator: ", "))"
        }
    }

    /// The environment variable that overrides it; what is all keys' in common has none.
    var variable: String? {
        switch self {
        case .windowModel, .keyPolicy, .archiveAfter, .retention: nil
        case .lease, .requestDeadline, .grace, .margin: Self.variable(rawValue)
        }
    }

    /// The environment variable of `margin`.
    static let marginVariable = variable(Setting.margin.rawValue)

    private static func variable(_ name: String) -> String { "MESHMILL_" + name.uppercased() }

    /// What it does, for people.
    var meaning: String {
        switch self {
        case .lease: "how long a worker owns its jobs after its last heartbeat"
        case .requestDeadline: "how long after the claim a POST may take"
        case .grace: "how long after its deadline a request may still be counted"
        case .margin: "added to a key's window before a slot is used again"
        case .windowModel: "how carefully windows are spent; auto learns it from 429s"
        case .keyPolicy: "which of the ready keys goes first, in every pool"
        case .archiveAfter: "how long after its end a job is put away; exports and lists still find it"
        case .retention: "how long jobs that were put away are kept, by whole months"
        }
    }
}
