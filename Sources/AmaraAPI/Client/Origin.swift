import FoundationEssentials

/// Scheme, host and port of a URL: what decides whether the bearer token may go there.
struct Origin: Sendable, Hashable {
    /// `http` or `https`.
    let scheme: String
    /// Lower case, without brackets around an IPv6 address and without a final dot.
    let host: String
    let port: Int

    /// - Returns: `nil` unless the URL is `http` or `https` with a host.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            var host = url.host(percentEncoded: false)?.lowercased()
        else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host.hasSuffix(".") { host.removeLast() }
        guard !host.isEmpty else { return nil }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// Whether the host is this machine by name or literal address; names are not resolved.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || (IPAddress(host)?.isLoopback ?? false)
    }
}
