import AsyncHTTPClient

extension AmaraClient {
    /// Asks how a generation stands; costs nothing at the provider, and may be repeated at will.
    ///
    /// - Parameters:
    ///   - generationID: as the create answer gave it.
    ///   - token: of the key that created it.
    ///   - timeout: for the whole of it, the wait for a connection and the body included.
    /// - Returns: how it ended, whatever that was; also when the task is cancelled.
    @concurrent
    package func status(of generationID: String, token: BearerToken, timeout: Duration) async -> StatusOutcome {
        var request = HTTPClientRequest(url: configuration.address.status(of: generationID))
        request.headers = headers(token: token)
        do {
            let answer = try await reads.exchange(
                request,
                bodyLimit: configuration.maximumJSONBytes,
                deadline: .now + timeout
            )
            return StatusOutcome(answer, for: generationID)
        } catch {
            return .network(NetworkFailure(error))
        }
    }
}
