import AmaraAPI
import MeshmillCore
package import MeshmillStore

extension AnswerRecord {
    /// The end of an attempt whose claim was never heard of by its own worker, which therefore sent nothing.
    package static func neverSent(_ orphan: Orphan, grace: Duration) -> AnswerRecord {
        var random = SystemRandomNumberGenerator()
        // The margin matters to 429s alone.
        let context = AnswerEffect.Context(
            window: orphan.rateWindow,
            margin: .zero,
            grace: grace,
            budget: orphan.budget
        )
        let outcome = CreateOutcome.notSent(.cancelled, provably: true)
        return AnswerRecord(
            attemptID: orphan.attemptID,
            effect: AnswerEffect(outcome, context, using: &random),
            outcome
        )
    }

    /// The end of an attempt whose worker is gone: nobody will ever have the answer to its POST.
    package static func workerLost(_ orphan: Orphan, grace: Duration) -> AnswerRecord {
        let context = AnswerEffect.Context(window: orphan.rateWindow, grace: grace, budget: orphan.budget)
        let effect = AnswerEffect(
            .workerLost,
            message: "its worker ended before the answer to the POST was recorded",
            code: "unknown_worker_lost",
            context,
            provider: .silent
        )
        return AnswerRecord(attemptID: orphan.attemptID, effect: effect)
    }
}
