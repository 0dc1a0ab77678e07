/// How a POST ended; total, so whoever spends slots and credits must decide on every case.
package enum CreateOutcome: Sendable, Hashable {
    /// The provider took the job and named a generation.
    case accepted(CreateAccepted)
    /// The provider answered with a status that has a meaning, and made no generation.
    case refused(CreateRefusal)
    /// The provider cannot have accepted it: the request never left, or never left whole.
    ///
    /// `provably` is `true` only if no byte of the request can have left, so that the provider cannot even have counted
    /// it against the rate window. Otherwise the head may have arrived without its body.
    case notSent(NotSentReason, provably: Bool)
    /// The provider may or may not have made, and charged, a generation.
    case unknown(CreateUnknown)
}
