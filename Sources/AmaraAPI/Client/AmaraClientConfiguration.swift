import FoundationEssentials

/// How an ``AmaraClient`` reaches the provider.
package struct AmaraClientConfiguration: Sendable {
    /// The base URL in the reference.
    package static let defaultBaseURL = "https://amara-meshgen-api.01c.ai/meshgen-api"

    let address: APIAddress
    let proxy: ProxyAddress?
    let certificateAuthorityFile: String?

    /// Sent as `User-Agent`.
    package var userAgent: String
    /// Most connections kept to one host, and so most requests in flight without waiting; default 256.
    ///
    /// Whoever polls more at a time holds its own semaphore: a wait for a connection ends after ``connectTimeout``.
    package var maximumConnections = 256
    /// Time for a poll's or download's connection, TLS included; default 10 s.
    package var connectTimeout: Duration = .seconds(10)
    /// Time for a POST's connection, TLS included; default 1.5 s.
    ///
    /// It should end before the send fence: then a host that does not answer gives the slot back, since provably nothing
    /// was sent, while a fence that passes after the connection opened does not.
    package var createConnectTimeout: Duration = .milliseconds(1_500)
    /// Longest silence in a download; default 30 s.
    package var readTimeout: Duration = .seconds(30)
    /// Longest JSON answer read; default 1 MiB.
    package var maximumJSONBytes = 1 << 20
    /// The only hosts, beside the API's own, that result URLs may name, lower case; `nil` is any public host.
    package var resultHosts: Set<String>?

    /// Checks what a configuration names.
    ///
    /// - Parameters:
    ///   - baseURL: used as given; POSTs go to it, GETs add `id` to its query.
    ///   - version: Meshmill's, for `User-Agent`.
    ///   - proxy: `http://[user:password@]host:port`, as in `HTTPS_PROXY`; `nil` or empty is none. Requests tunnel
    ///     through it by `CONNECT`. Which addresses result URLs may lead to is then the proxy's to decide, since only it
    ///     sees them; literal addresses are still checked here.
    ///   - certificateAuthorityFile: path of a PEM file whose certificates are trusted beside the system's.
    ///   - allowsInsecureHTTP: whether `http` may be used beyond this machine.
    /// - Throws: `configuration`.
    package init(
        baseURL: String = defaultBaseURL,
        version: String,
        proxy: String? = nil,
        certificateAuthorityFile: String? = nil,
        allowsInsecureHTTP: Bool = false
    ) throws(AmaraError) {
        address = try APIAddress(baseURL, allowsInsecureHTTP: allowsInsecureHTTP)
        if let proxy, !proxy.isEmpty { self.proxy = try ProxyAddress(proxy) } else { self.proxy = nil }
        self.certificateAuthorityFile = certificateAuthorityFile
        userAgent = "meshmill/" + version
    }
}
