/// What will go wrong with one request, and how slowly; drawn when the request arrives.
package struct FaultPlan: Sendable {
    /// Time from the arrival until the provider looks at the request and counts it.
    package var arrivalDelay: Duration = .zero
    /// Time from counting until the answer is sent.
    package var answerDelay: Duration = .zero
    package var answer: AnswerFault?
    package var file: FileDamage?
    /// Speed of the body in bytes per second; `nil` is as fast as it goes.
    package var bytesPerSecond: Int?

    package init() {}

    /// The name of the fault for the log; `nil` when nothing but time is wrong.
    package var name: String? {
        answer?.rawValue ?? file?.rawValue ?? bytesPerSecond.map { _ in "slow_drip" }
    }
}
