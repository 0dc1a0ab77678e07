/// What a worker asks of the provider; ``AmaraClient`` is the real one, and measurements put one in its place that
/// answers at once.
package protocol GenerationAPI: Sendable {
    /// Asks for one generation, once; see ``AmaraClient/create(image:parameters:token:fence:deadline:)``.
    @concurrent
    func create(
        image: [UInt8],
        parameters: GenerationParameters,
        token: BearerToken,
        fence: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async -> CreateOutcome

    /// Asks how a generation stands.
    @concurrent
    func status(of generationID: String, token: BearerToken, timeout: Duration) async -> StatusOutcome

    /// Fetches a result from the API's own endpoint.
    @concurrent
    func download(
        generationID: String,
        token: BearerToken,
        limits: DownloadLimits,
        into sink: @escaping AmaraClient.DownloadSink
    ) async throws(AmaraError) -> DownloadReport

    /// Fetches a result from an address that the provider gave.
    @concurrent
    func download(
        url: String,
        token: BearerToken?,
        limits: DownloadLimits,
        into sink: @escaping AmaraClient.DownloadSink
    ) async throws(AmaraError) -> DownloadReport
}

extension AmaraClient: GenerationAPI {}
