/// Notices that another host's clock was set, by comparing it with a clock that nobody can set.
///
/// Each look asks the other clock once and notes when the question left and when the answer came. Between two looks the
/// true time passed is known up to these two travels; what the other clock moved beyond that is a step.
package struct ClockWatch: Sendable {
    /// A step of the other clock.
    package struct Step: Sendable, Hashable {
        /// How far the clock certainly moved more (positive) or less (negative) than time.
        package var least: Duration
        /// The largest move forward that fits; what windows are lengthened by.
        package var most: Duration
    }

    private struct Look: Sendable {
        let left: Duration
        let came: Duration
        /// The other clock's time, since any fixed instant.
        let read: Duration
    }

    private var last: Look?

    package init() {}

    /// Takes one look in.
    ///
    /// - Parameters:
    ///   - read: the other clock's time.
    ///   - left: when the question left, by this host's steady clock.
    ///   - came: when the answer came, by the same clock.
    /// - Returns: how the other clock moved against time since the look before; `nil` on the first look, and where the
    ///   difference lies within what the travels explain.
    package mutating func look(read: Duration, left: Duration, came: Duration) -> Step? {
        defer { last = Look(left: left, came: came, read: read) }
        guard let last else { return nil }
        let moved = read - last.read
        let (shortest, longest) = (left - last.came, came - last.left)
        if moved > longest { return Step(least: moved - longest, most: moved - shortest) }
        if moved < shortest { return Step(least: moved - shortest, most: moved - longest) }
        return nil
    }
}
