import Glibc
import Logging
import MeshmillTerminal
import Synchronization

/// Lines on standard error, one write each, so that those of several tasks do not mix.
enum Messages {
    private static let progress = Mutex<ProgressPrinter?>(nil)

    /// Writes one line, above the progress where that is shown.
    static func line(_ text: String) {
        if let progress = progress.withLock(\.self) {
            progress.printAbove(text)
        } else {
            write(Array((text + "\n").utf8))
        }
    }

    /// Shows progress while `body` runs; one at a time.
    static func showing<Value: Sendable>(
        _ printer: ProgressPrinter,
        while body: () async throws -> Value
    ) async rethrows -> Value {
        progress.withLock { $0 = printer }
        defer { progress.withLock { $0 = nil } }
        return try await printer.showing(body)
    }

    static func write(_ bytes: [UInt8]) {
        Output.write(bytes, to: STDERR_FILENO)
    }
}

/// How messages look (`LOG_FORMAT`).
enum LogFormat: String, CaseIterable {
    case text, json
}

extension LoggingSystem {
    /// Sends the messages of all parts to standard error, as `LOG_LEVEL` and `LOG_FORMAT` say.
    ///
    /// - Throws: ``Failure`` with exit 78 for a level or a format that there is not.
    static func bootstrap(variables: [String: String]) throws {
        let levelName = variables["LOG_LEVEL"].flatMap { $0.isEmpty ? nil : $0.lowercased() } ?? "info"
        guard let level = Logger.Level(rawValue: levelName) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.configuration, "LOG_LEVEL is none of \(known)")
        }
        let formatName = variables["LOG_FORMAT"].flatMap { $0.isEmpty ? nil : $0.lowercased() } ?? "text"
        guard let format = LogFormat(rawValue: formatName) else {
            throw Failure(.configuration, "LOG_FORMAT is neither text nor json")
        }
        bootstrap { label in
            MessageHandler(label: label, format: format, logLevel: level)
        }
    }
}
