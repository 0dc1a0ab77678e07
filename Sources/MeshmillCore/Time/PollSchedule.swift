/// When a generation is asked for next.
///
/// The reference asks for a poll every 5 seconds and does not limit them. The first come sooner, since a short
/// generation would otherwise wait for its poll longer than for its mesh; a generation far back in the queue is asked
/// less often; nothing is asked less often than every 15 seconds, so that a result never comes near its expiry.
package struct PollSchedule: Sendable, Hashable {
    /// The regular interval.
    package var interval: Duration = .seconds(5)
    /// The longest interval.
    package var longest: Duration = .seconds(15)

    package init() {}

    /// The wait before the next poll.
    ///
    /// First: 0.8–1.2 s, second: 1.6–2.4 s, then 4–6 s; position 10 in the queue: 8–12 s; never above 15 s.
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
        var wait: Duration
        switch polls {
        case ...0: wait = interval / 5
        case 1: wait = interval * 2 / 5
        default: wait = interval
        }
        if let queuePosition, queuePosition > 5 { wait = interval * min(Double(queuePosition) / 5, 3) }
        return min(wait * Double.random(in: 0.8...1.2, using: &random), longest)
    }
}
