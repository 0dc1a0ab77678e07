import Foundation
import Logging
import Synchronization

/// The simulator's memory of requests: the latest records, a running report, and a file if one is wanted.
package final class RequestLog: Sendable {
    private struct State {
        var records: [RequestRecord] = []
        /// Where the oldest record lies once the ring is full.
        var oldest = 0
        var total = 0
        var judge: Judge
        var file: FileHandle?
        let encoder = JSONEncoder()
    }

    private let capacity: Int
    private let logger: Logger
    private let state: Mutex<State>

    /// Makes an empty log; a file is appended to, or made with access for its owner only.
    ///
    /// - Throws: the system's error if the file cannot be opened.
    init(judge: Judge, capacity: Int, file: String?, logger: Logger) throws {
        self.capacity = max(1, capacity)
        self.logger = logger
        let handle = try file.map(Self.open)
        state = Mutex(State(judge: judge, file: handle))
    }

    private static func open(_ path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        return handle
    }

    /// Adds a record, numbers it, and writes its line before it returns.
    func append(_ record: RequestRecord) {
        state.withLock { state in
            var record = record
            state.total += 1
            record.sequence = state.total
            state.judge.observe(record)
            if state.records.count < capacity {
                state.records.append(record)
            } else {
                state.records[state.oldest] = record
                state.oldest = (state.oldest + 1) % capacity
            }
            write(record, &state)
        }
    }

    /// A log that cannot be written any more is given up, with a warning, rather than stopping the provider.
    private func write(_ record: RequestRecord, _ state: inout State) {
        guard let file = state.file else { return }
        do {
            var line = try state.encoder.encode(record)
            line.append(0x0A)
            try file.write(contentsOf: line)
        } catch {
            state.file = nil
            logger.warning("request log given up: \(error)")
        }
    }

    /// Number of requests since the start.
    package var total: Int { state.withLock { $0.total } }

    /// The records in memory with a higher number than `sequence`, oldest first, at most `limit`.
    package func records(after sequence: Int = 0, limit: Int = .max) -> [RequestRecord] {
        state.withLock { state in
            let count = state.records.count
            let first = max(0, sequence - (state.total - count))
            guard first < count, limit > 0 else { return [] }
            let last = min(count, first + min(limit, count))
            return (first..<last).map { state.records[(state.oldest + $0) % count] }
        }
    }

    /// The report over all requests since the start.
    package func report(at now: Duration) -> SimulatorReport {
        state.withLock { $0.judge.report(at: now) }
    }
}
