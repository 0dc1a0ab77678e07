/// What the slot rule permits at most: a replay without any delay between a slot's being free and its POST.
///
/// One POST in flight a key, `limit` slots, each free again a window and a margin after its answer; answers take as
/// long as they were seen to take.
struct SlotReplay: Sendable {
    /// One POST as it was seen, in seconds from the start of the run.
    struct Post: Sendable, Hashable {
        var claimed: Double
        var answered: Double
    }

    var limit: Int
    /// Window and margin together.
    var span: Double

    /// When the key's POSTs could have been claimed at the earliest, as many as fit before `end`.
    ///
    /// - Parameters:
    ///   - seen: the key's POSTs in order; after the last one, answers take as long as the last did.
    ///   - end: the end of the run.
    /// - Returns: in order, in seconds from the start of the run.
    func permitted(_ seen: [Post], until end: Double) -> [Double] {
        let durations = seen.map { max($0.answered - $0.claimed, 0) }
        var claims: [Double] = []
        var answers: [Double] = []
        while true {
            let index = claims.count
            var claim = answers.last ?? 0
            if index >= limit { claim = max(claim, answers[index - limit] + span) }
            guard claim <= end else { return claims }
            let duration = durations.indices.contains(index) ? durations[index] : durations.last ?? 0.001
            claims.append(claim)
            // A duration of nothing would never end.
            answers.append(claim + max(duration, 0.0001))
        }
    }

    /// How many POSTs had been claimed by a moment of a stretch.
    ///
    /// - Parameters:
    ///   - claims: in seconds; what was claimed before the stretch counts at each of its moments.
    ///   - stretch: in seconds.
    /// - Returns: the average over all its moments.
    static func meanCount(of claims: [Double], in stretch: ClosedRange<Double>) -> Double {
        let times = claims.map { max(stretch.upperBound - max($0, stretch.lowerBound), 0) }
        return times.reduce(0, +) / (stretch.upperBound - stretch.lowerBound)
    }
}
