import CLibPQ
import Dispatch

/// A request to the server to stop what one connection runs, sent over a connection of its own.
///
/// `@unchecked Sendable`: the handle never changes after `PQgetCancel` made it, it is used once, and libpq documents
/// `PQcancel` as safe on any thread, also while the connection itself is in use (manual, section 34.7).
final class CancelRequest: @unchecked Sendable {
    private let handle: OpaquePointer

    /// Nil if the connection is not open.
    init?(_ connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    /// Sends the request from a Dispatch thread, since it blocks until the server hangs up or TCP gives up.
    func send(reportingTo monitor: CallMonitor) {
        monitor.cancelRequestStarted()
        DispatchQueue.global().async {
            var message = [CChar](repeating: 0, count: 256)
            // Whether it worked shows in the answer of the query; a failure is like a cancel that came too late.
            _ = PQcancel(self.handle, &message, Int32(message.count))
            monitor.cancelRequestEnded()
        }
    }
}
