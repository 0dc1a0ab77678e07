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
    let reads: HTTPClient
    let results: HTTPClient

    /// Opens no connection yet.
    ///
    /// - Throws: `configuration` when the CA file cannot be used.
    package init(configuration: AmaraClientConfiguration, logger: Logger) throws(AmaraError) {
        self.configuration = configuration
        self.logger = logger
        let common = try HTTPClient.Configuration.common(configuration)
        creates = .forCreates(common, configuration)
        reads = .forReads(common, configuration)
        results = .forResults(common, configuration)
    }

    /// Ends every request in flight and closes all connections.
    package func shutdown() async throws {
        try await creates.shutdown()
        try await reads.shutdown()
        try await results.shutdown()
    }

    /// Headers that every request carries; with a token only for the API's own origin.
    func headers(token: BearerToken?) -> HTTPHeaders {
        var headers: HTTPHeaders = ["User-Agent": configuration.userAgent, "Accept-Encoding": "identity"]
        if let token { headers.add(name: "Authorization", value: "Bearer " + token.exposed) }
        return headers
    }
}
