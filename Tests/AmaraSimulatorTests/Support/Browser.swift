import AmaraSimulator
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// A plain HTTP client for one simulator, which reads JSON without help from the product's own types.
struct Browser {
    /// An answer whose body has arrived.
    struct Page {
        let status: Int
        let type: String?
        let disposition: String?
        let body: Data

        /// The body as a JSON object.
        var object: [String: Any] {
            get throws { try #require(JSONSerialization.jsonObject(with: body) as? [String: Any]) }
        }
    }

    let base: String
    /// Base URL without the API's path.
    var origin: String { String(base.dropLast(Simulator.basePath.count)) }

    init(_ simulator: Simulator) {
        base = simulator.baseURL
    }

    func post(_ fields: [String: Any], key: String?) async throws -> Page {
        try await post(base, JSONSerialization.data(withJSONObject: fields), key: key)
    }

    func post(_ url: String, _ body: Data, key: String? = nil) async throws -> Page {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request, key: key)
    }

    func status(_ id: String, key: String?) async throws -> Page {
        try await get("\(base)?id=\(id)", key: key)
    }

    func download(_ id: String, key: String?) async throws -> Page {
        try await get("\(base)?id=\(id)&download=true", key: key)
    }

    func get(_ url: String, key: String? = nil) async throws -> Page {
        try await send(HTTPClientRequest(url: url), key: key)
    }

    private func send(_ request: HTTPClientRequest, key: String?) async throws -> Page {
        var request = request
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        let response = try await Self.client.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 64 << 20)
        return Page(
            status: Int(response.status.code),
            type: response.headers.first(name: "content-type"),
            disposition: response.headers.first(name: "content-disposition"),
            body: Data(body.readableBytesView)
        )
    }

    /// Lost answers must show, so nothing is retried behind the test's back.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
