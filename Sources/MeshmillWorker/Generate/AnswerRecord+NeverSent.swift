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
}
