import AsyncHTTPClient
import FoundationEssentials

/// An HTTP proxy from a `HTTPS_PROXY` style URL; its password is never printed.
struct ProxyAddress: Sendable {
    private let host: String
    private let port: Int
    private let user: String?
    private let password: BearerToken?

    /// - Throws: `configuration`, without the URL in the message, since it may hold a password.
    init(_ text: String) throws(AmaraError) {
        let complete = text.contains("://") ? text : "http://" + text
        guard let url = URL(string: complete), let origin = Origin(url), origin.scheme == "http" else {
            throw AmaraError(.configuration, "the proxy must be given as http://[user:password@]host:port")
        }
        host = origin.host
        port = origin.port
        user = url.user(percentEncoded: false)
        password = url.password(percentEncoded: false).flatMap { BearerToken($0) }
        guard url.password == nil || password != nil else {
            throw AmaraError(.configuration, "the proxy's password has characters that no header may carry")
        }
    }

    var clientProxy: HTTPClient.Configuration.Proxy {
        guard let user else { return .server(host: host, port: port) }
        return .server(
            host: host,
            port: port,
            authorization: .basic(username: user, password: password?.exposed ?? "")
        )
    }
}
