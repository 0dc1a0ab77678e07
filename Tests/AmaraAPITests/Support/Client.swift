import Logging

@testable import AmaraAPI

/// A secret that must never come out anywhere.
let canary = "sk_amara_CANARY_0123456789"

/// The canary as a token.
func canaryToken() throws -> BearerToken {
    struct NoToken: Error {}
    guard let token = BearerToken(canary) else { throw NoToken() }
    return token
}

/// Runs `body` with a client for `baseURL` and shuts it down whatever happens.
func withClient<Result>(
    _ baseURL: String,
    proxy: String? = nil,
    certificateAuthorityFile: String? = nil,
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    adjust: (inout AmaraClientConfiguration) -> Void = { _ in },
    _ body: (AmaraClient) async throws -> Result
) async throws -> Result {
    var configuration = try AmaraClientConfiguration(
        baseURL: baseURL,
        version: "test",
        proxy: proxy,
        certificateAuthorityFile: certificateAuthorityFile
    )
    // A busy machine is slow to connect; what the defaults do is not what these tests are about.
    configuration.createConnectTimeout = .seconds(50)
    configuration.connectTimeout = .seconds(50)
    adjust(&configuration)
    let client = try AmaraClient(configuration: configuration, logger: logger)
    do {
        let result = try await body(client)
        try await client.shutdown()
        return result
    } catch {
        try await client.shutdown()
        throw error
    }
}

extension AmaraClient {
    /// A create with generous times and a tiny image.
    func create(
        image: [UInt8] = [1, 2, 3, 4],
        parameters: GenerationParameters = GenerationParameters(),
        fence: Duration = .seconds(50),
        deadline: Duration = .seconds(50)
    ) async throws -> CreateOutcome {
        let now = ContinuousClock.now
        return await create(
            image: image,
            parameters: parameters,
            token: try canaryToken(),
            fence: now + fence,
            deadline: now + deadline
        )
    }

    /// A poll with a generous time.
    func status(of generationID: String = "g-1", timeout: Duration = .seconds(50)) async throws -> StatusOutcome {
        await status(of: generationID, token: try canaryToken(), timeout: timeout)
    }
}
