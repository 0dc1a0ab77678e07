import AmaraAPI
import Synchronization

/// A provider that accepts everything at once and never finishes it, so that only the scheduler's own work is left.
///
/// Like the real one it tells with each answer what the org has left, which is then compared with the books. Each key is
/// its own org, as ``Backlog`` has it.
final class InstantProvider: GenerationAPI {
    /// What each org has at the start.
    static let credits = 1_000_000_000

    private let count = Atomic<Int>(0)
    private let spent = Mutex<[String: Int]>([:])
    private let observe: (@Sendable (BearerToken) -> Void)?

    /// Makes a provider; `observe` is told of each POST as it would leave.
    init(observe: (@Sendable (BearerToken) -> Void)? = nil) {
        self.observe = observe
    }

    /// POSTs so far.
    var posts: Int { count.load(ordering: .relaxed) }

    @concurrent
    func create(
        image: [UInt8],
        parameters: GenerationParameters,
        token: BearerToken,
        fence: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async -> CreateOutcome {
        guard ContinuousClock.now < fence else { return .notSent(.fencePassed, provably: true) }
        observe?(token)
        let number = count.add(1, ordering: .relaxed).newValue
        let spent = spent.withLock { spent in
            spent[token.exposed, default: 0] += 1
            return spent[token.exposed, default: 0]
        }
        return .accepted(
            CreateAccepted(
                generationID: "instant-\(number)",
                creditsUsed: 1,
                creditsRemaining: Self.credits - spent
            )
        )
    }

    @concurrent
    func status(of generationID: String, token: BearerToken, timeout: Duration) async -> StatusOutcome {
        .processing(progress: nil, step: nil, position: nil)
    }

    @concurrent
    func download(
        generationID: String,
        token: BearerToken,
        limits: DownloadLimits,
        into sink: @escaping AmaraClient.DownloadSink
    ) async throws(AmaraError) -> DownloadReport {
        throw AmaraError(.gone, "nothing is ever finished here")
    }

    @concurrent
    func download(
        url: String,
        token: BearerToken?,
        limits: DownloadLimits,
        into sink: @escaping AmaraClient.DownloadSink
    ) async throws(AmaraError) -> DownloadReport {
        throw AmaraError(.gone, "nothing is ever finished here")
    }
}
