package import AmaraAPI
package import MeshmillCore

/// What to do after each answer to a poll of a known generation: one total function, with what came before in it.
///
/// Source: KEYPOOL section 8, the rows about GET. None of these costs a slot or a credit.
package struct PollJudge: Sendable {
    /// What to do.
    package enum Step: Sendable, Hashable {
        /// Poll on as scheduled.
        case goesOn
        /// Poll again after this long, at the earliest.
        case waits(Duration)
        case downloads(CompletedGeneration)
        /// The generation is over without a GLB.
        case ends(code: String, message: String, refunded: Bool?)
    }

    /// Waits after a 404 for a known id, before it counts as lost: two minutes together.
    private static let misses: [Duration] = [.seconds(10), .seconds(30), .seconds(80)]
    private static let errorBackoff = Backoff(base: .seconds(1), cap: .seconds(30), floor: 0)
    private static let throttleBackoff = Backoff(base: .seconds(15), cap: .seconds(120), floor: 0.8)

    private let scale: TimeScale
    private var missCount = 0
    private var throttleCount = 0
    private var errorCount = 0
    /// Whether the key that created the generation was refused when it last asked.
    ///
    /// Ids may be known to that key alone: a sibling's 404 proves nothing then.
    private var isCreatorRefused = false
    /// Which key asks next: 0 is the one that created it, then its siblings of the same org, in turn.
    package private(set) var asker = 0
    /// Answers in a row that said nothing about the generation.
    package var errorsInRow: Int { errorCount }

    package init(scale: TimeScale) { self.scale = scale }

    /// Takes in an answer; `isCreators` says whether the key that created the generation got it, or a sibling.
    package mutating func step(
        after outcome: StatusOutcome,
        isCreators: Bool,
        using random: inout some RandomNumberGenerator
    ) -> Step {
        if isCreators { isCreatorRefused = outcome == .unauthorized || outcome == .forbidden }
        switch outcome {
        case .queued, .processing:
            (missCount, throttleCount, errorCount) = (0, 0, 0)
            return .goesOn
        case .completed(let completed):
            (missCount, throttleCount, errorCount) = (0, 0, 0)
            return .downloads(completed)
        case .failed(let message, let isRefunded):
            return .ends(code: "generation_failed", message: message, refunded: isRefunded)
        case .notFound where isCreatorRefused:
            asker += 1
            return .goesOn
        case .notFound:
            missCount += 1
            guard missCount <= Self.misses.count else {
                return .ends(
                    code: "lost_upstream",
                    message: "the provider no longer knows the generation",
                    refunded: nil
                )
            }
            asker += 1
            return .waits(scale(Self.misses[missCount - 1]))
        case .unauthorized, .forbidden:
            // The key was revoked, or the generation is seen as another's: a sibling may ask for it.
            asker += 1
            return .goesOn
        case .throttled(let retryAfter):
            throttleCount += 1
            let stated = retryAfter.flatMap { $0.isFinite ? $0 : nil }.map { Duration.seconds(min(max($0, 1), 120)) }
            return .waits(stated ?? Self.throttleBackoff.wait(afterFailures: throttleCount, using: &random))
        case .serverError, .protocolError, .network:
            errorCount += 1
            return .waits(Self.errorBackoff.wait(afterFailures: errorCount, using: &random))
        }
    }
}
