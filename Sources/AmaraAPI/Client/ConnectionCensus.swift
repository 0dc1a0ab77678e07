import NIOCore
import Synchronization

/// Counts a client's open connections, to prove that a request never had one.
///
/// Errors alone do not prove it: a reset during the TLS handshake looks like a reset under a request. A connection is
/// counted when its handshakes are done and before the first request may be written on it. So if none was open when a
/// request began and none has opened since, no byte of the request can have left, whatever the error says. While other
/// requests have connections there is no proof, and the request counts as perhaps sent.
final class ConnectionCensus: Sendable {
    /// The state of things at one moment.
    struct Mark: Sendable, Hashable {
        fileprivate var live = 0
        fileprivate var opened = 0
    }

    private let state = Mutex(Mark())

    /// Now, before a request begins.
    var mark: Mark { state.withLock { $0 } }

    /// Whether no request that began at `mark` can have had a connection by now.
    func isNoneOpen(since mark: Mark) -> Bool {
        mark.live == 0 && state.withLock { $0.opened } == mark.opened
    }

    /// Counts a connection from now until it closes.
    func register(_ channel: any Channel) {
        state.withLock { state in
            state.live += 1
            state.opened += 1
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.live -= 1 }
        }
    }
}
