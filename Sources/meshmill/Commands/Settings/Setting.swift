import ArgumentParser
import MeshmillCore

/// A setting of the installation, which an environment variable of a process may override.
enum Setting: String, CaseIterable, ExpressibleByArgument {
    case lease
    case requestDeadline = "request_deadline"
    case grace
    case margin

    /// What it is when nobody sets it, for people.
    var standard: String {
        switch self {
        case .lease: "30s"
        case .requestDeadline, .grace: "60s"
        case .margin: "a 300th of the window, 20ms to 3s"
        }
    }

    /// Values that it may have.
    var allowed: ClosedRange<Duration> {
        switch self {
        case .lease: .seconds(2)...(.seconds(3_600))
        case .requestDeadline: .seconds(1)...(.seconds(3_600))
        case .grace: .zero...(.seconds(3_600))
        case .margin: .milliseconds(1)...(.seconds(3_600))
        }
    }

    /// The environment variable that overrides it.
    var variable: String { "MESHMILL_" + rawValue.uppercased() }

    /// What it does, for people.
    var meaning: String {
        switch self {
        case .lease: "how long a worker owns its jobs after its last heartbeat"
        case .requestDeadline: "how long after the claim a POST may take"
        case .grace: "how long after its deadline a request may still be counted"
        case .margin: "added to a key's window before a slot is used again"
        }
    }
}
