import Hummingbird
import NIOCore

/// A request's context that knows its connection: to close it without an answer, and to tell who is asking.
struct SimulatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Whether the peer is on this machine.
    var isLoopback: Bool {
        guard let address = channel.remoteAddress else { return false }
        if address.protocol == .unix { return true }
        guard let ip = address.ipAddress else { return false }
        return ip.hasPrefix("127.") || ip == "::1" || ip.hasPrefix("::ffff:127.")
    }
}
