package import Logging
import Synchronization

/// Keeps warnings and worse, for tests of what an operator is told.
package final class CollectedLog: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    package init() {}

    /// A logger whose warnings are kept here.
    package var logger: Logger { Logger(label: "test") { _ in self } }
    /// What was said so far, oldest first.
    package var warnings: [String] { lines.withLock(\.self) }

    package func log(event: LogEvent) {
        if event.level >= .warning { lines.withLock { $0.append("\(event.message)") } }
    }

    package subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    package var logLevel: Logger.Level {
        get { .warning }
        set {}
    }
}
