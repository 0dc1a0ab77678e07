import AmaraAPI
import Logging
import MeshmillCore
import MeshmillStore
import MeshmillWorker

/// The provider client that the environment describes, and the keys' secrets for it.
enum Provider {
    /// Makes the client.
    ///
    /// - Throws: ``Failure`` with exit 78 for an address, a proxy or a certificate file that cannot be used.
    static func client(_ environment: Environment, logger: Logger) throws -> AmaraClient {
        let proxy = environment.variables["HTTPS_PROXY"] ?? environment.variables["https_proxy"]
        let isLocal = environment.apiURL.map { $0.hasPrefix("http://") } ?? false
        do {
            let configuration = try AmaraClientConfiguration(
                baseURL: environment.apiURL ?? AmaraClientConfiguration.defaultBaseURL,
                version: Meshmill.version,
                proxy: isLocal ? nil : proxy,
                certificateAuthorityFile: environment.variables["MESHMILL_CA_FILE"],
                allowsInsecureHTTP: environment.variables["MESHMILL_INSECURE"] == "1"
            )
            return try AmaraClient(configuration: configuration, logger: logger)
        } catch {
            throw Failure(.configuration, "AMARA_API_URL: \(error.message)")
        }
    }

    /// Whether anything answers at the provider's address: any HTTP answer will do.
    ///
    /// Asks for the status of a generation that there is not, which costs neither a slot nor a credit.
    ///
    /// - Throws: ``Failure`` with exit 69 after about three seconds without an answer.
    static func check(_ client: AmaraClient, _ token: BearerToken, address: String) async throws {
        var failure = ""
        for attempt in 1...3 {
            let outcome = await client.status(
                of: "00000000-0000-0000-0000-000000000000",
                token: token,
                timeout: .seconds(5)
            )
            guard case .network(let reason) = outcome else { return }
            failure = reason.rawValue.replacing("_", with: " ")
            if attempt < 3 { try await Task.sleep(for: .seconds(1)) }
        }
        throw Failure(
            .unreachable,
            "the provider at \(address) does not answer (\(failure)); check AMARA_API_URL and the network, "
                + "then run the same command again"
        )
    }
}

/// The keys' secrets as bearer tokens.
struct StoredTokens: TokenSource {
    let secrets: KeySecrets

    func token(ofKey keyID: Int64) async throws -> BearerToken {
        guard let secret = try await secrets.secret(ofKey: keyID), let token = BearerToken(secret.exposed) else {
            throw Failure(.configuration, "key \(keyID) has no usable secret; add it again with: meshmill keys import")
        }
        return token
    }
}
