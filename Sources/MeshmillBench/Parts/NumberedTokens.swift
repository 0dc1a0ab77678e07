import AmaraAPI
import MeshmillWorker

/// Secrets that are the keys' ids.
struct NumberedTokens: TokenSource {
    func token(ofKey keyID: Int64) async throws -> BearerToken {
        guard let token = BearerToken("key-\(keyID)") else { throw BenchError("key \(keyID) has no token") }
        return token
    }
}
