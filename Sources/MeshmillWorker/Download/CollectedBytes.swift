import Synchronization

/// A small download in memory.
final class CollectedBytes: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    /// What was collected.
    var all: [UInt8] { bytes.withLock { $0 } }

    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
}
