import AmaraAPI
import MeshmillStore
import PostgresClient

/// Whether a run can begin at all: there is a key, and the provider answers.
struct RunProvider {
    let installation: Installation
    let amara: AmaraClient

    /// Checks, without spending a slot or a credit.
    ///
    /// - Throws: ``Failure`` with exit 78 without a key, 69 if nothing answers at the provider's address.
    func check() async throws {
        guard let key = try await installation.client.query(FindAnyKey()).first else {
            throw Failure(
                .configuration,
                "there is no API key; set AMARA_API_KEYS, or take in a key file with: meshmill keys import FILE"
            )
        }
        let secrets = KeySecrets(installation.client, masterKey: try await installation.masterKey())
        let token = try await StoredTokens(secrets: secrets).token(ofKey: key)
        let address = installation.environment.apiURL ?? AmaraClientConfiguration.defaultBaseURL
        try await Provider.check(amara, token, address: address)
    }
}
