import Logging
import Synchronization

/// Keeps warnings, for tests of what an operator is told.
final class CollectedLog: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in self } }
    var warnings: [String] { lines.withLock(\.self) }

    func log(event: LogEvent) {
        if event.level >= .warning { lines.withLock { $0.append("\(event.message)") } }
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .warning }
        set {}
    }
}
