import AsyncHTTPClient
package import Logging
import NIOHTTP1

/// The provider's API for one base URL: create, status, download.
///
/// Every POST and poll ends as a value, every download in a file or an ``AmaraError``. Nothing is retried here, nothing
/// waits for a rate window: that is the scheduler's. The bearer token goes to the base URL's origin and nowhere else.
/// Call ``shutdown()`` before the last reference goes.
package final class AmaraClient: Sendable {
    let configuration: AmaraClientConfiguration
    let logger: Logger
    let creates: HTTPClient
    /// The connections of ``creates``.
    let census = ConnectionCensus()
    let reads: HTTPClient
    let results: HTTPClient

    /// Opens no connection yet.
    ///
    /// - Throws: `configuration` when the CA file cannot be used.
    package init(configuration: AmaraClientConfiguration, logger: Logger) throws(AmaraError) {
        self.configuration = configuration
        self.logger = logger
        let common = try HTTPClient.Configuration.common(configuration)
        creates = .forCreates(common, configuration, census: census)
        reads = .forReads(common, configuration)
        results = .forResults(common, configuration)
    }

    /// Ends every request in flight and closes all connections; later requests end as `invalid_request`.
    ///
    /// A connection that is still being opened is waited for, at most for its connect timeout.
    ///
    /// - Throws: when it was shut down before.
    package func shutdown() async throws {
        async let creates: Void = creates.shutdown()
        async let reads: Void = reads.shutdown()
        async let results: Void = results.shutdown()
        _ = try await (creates, reads, results)
    }

    /// Headers that every request carries; with a token only for the API's own origin.
    func headers(token: BearerToken?) -> HTTPHeaders {
        var headers: HTTPHeaders = ["User-Agent": configuration.userAgent, "Accept-Encoding": "identity"]
        if let token { headers.add(name: "Authorization", value: "Bearer " + token.exposed) }
        return headers
    }
}
