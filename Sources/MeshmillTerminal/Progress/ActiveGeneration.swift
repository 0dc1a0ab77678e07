package import MeshmillCore

/// One job that a worker has in hand.
package struct ActiveGeneration: Sendable, Hashable {
    /// The image's name as it is listed; it may hold anything.
    package var source: String
    /// `submitting`, `generating` or `downloading`.
    package var state: JobState
    /// 0 to 100, as the provider says; `nil` when not known.
    package var percent: Double?
    /// The provider's word for what it does; `nil` when not known.
    package var step: String?
    /// Place in the provider's queue, where 1 is being worked on; `nil` when not known.
    package var queuePosition: Int?

    package init(
        source: String,
        state: JobState,
        percent: Double? = nil,
        step: String? = nil,
        queuePosition: Int? = nil
    ) {
        self.source = source
        self.state = state
        self.percent = percent
        self.step = step
        self.queuePosition = queuePosition
    }
}
