import AmaraAPI
import MeshmillStore
import PostgresClient

/// Whether a run can begin at all: there is a key, and the provider answers.
struct RunProvider {
    let installation: Installation
    let amara: AmaraClient

    /// The id of some key of the installation.
    ///
    /// - Throws: ``Failure`` with exit 78 without one.
    @discardableResult
    static func requireKey(_ installation: Installation) async throws -> Int64 {
        guard let key = try await installation.client.query(FindAnyKey()).first else {
            throw Failure(
                .configuration,
                "there is no API key; set AMARA_API_KEYS, or take in a key file with: meshmill keys import FILE"
            )
        }
        return key
    }

    /// Checks that the provider answers, without spending a slot or a credit.
    ///
    /// - Throws: ``Failure`` with exit 69 if nothing answers at its address.
    func check() async throws {
        let key = try await Self.requireKey(installation)
        let secrets = KeySecrets(installation.client, masterKey: try await installation.masterKey())
        let token = try await StoredTokens(secrets: secrets).token(ofKey: key)
        let address = installation.environment.apiURL ?? AmaraClientConfiguration.defaultBaseURL
        try await Provider.check(amara, token, address: address)
    }
}
