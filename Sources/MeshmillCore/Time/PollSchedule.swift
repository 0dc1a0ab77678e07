/// When a generation is asked for next.
///
/// The reference asks for a poll every 5 seconds and does not limit them. The first come sooner, since a short
/// generation would otherwise wait for its poll longer than for its mesh: how long one takes is not known, so waits
/// grow with its age, to less than half of it. That is three polls a generation more than going to 5 seconds at once. A
/// generation far back in the queue is asked less often; nothing is asked less often than every 15 seconds, so that a
/// result never comes near its expiry.
package struct PollSchedule: Sendable, Hashable {
    /// The regular interval.
    package var interval: Duration = .seconds(5)
    /// The longest interval.
    package var longest: Duration = .seconds(15)

    /// The first waits, as shares of the interval; those after them are all of it.
    private static let first = [0.2, 0.2, 0.2, 0.2, 0.3, 0.45, 0.7]

    package init() {}

    /// The wait before the next poll.
    ///
    /// 1, 1, 1, 1, 1.5, 2.3, 3.5, then 5 s, each 20% more or less; position 10 in the queue: 8–12 s; never above 15 s.
    ///
    /// - Parameters:
    ///   - polls: how many polls there were.
    ///   - queuePosition: 1 for the one being worked on; `nil` when not known.
    ///   - random: where the jitter comes from; a seeded generator makes a run replayable.
    /// - Returns: more than zero and at most `longest`.
    package func wait(
        afterPolls polls: Int,
        queuePosition: Int?,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let polls = max(polls, 0)
        var wait = polls < Self.first.count ? interval * Self.first[polls] : interval
        if let queuePosition, queuePosition > 5 { wait = interval * min(Double(queuePosition) / 5, 3) }
        return min(wait * Double.random(in: 0.8...1.2, using: &random), longest)
    }
}
