/// One figure that is held against a bar: nearly always a ratio of two figures of the same run.
package struct BenchBar: Sendable, Hashable {
    /// Which way is better.
    package enum Direction: Sendable, Hashable {
        case atLeast, atMost
    }

    package var name: String
    package var value: Double
    package var direction: Direction
    /// The door.
    package var must: Double
    /// Ahead, and close to what is possible; `nil` where the door is all there is.
    package var goal: Double?

    package init(_ name: String, _ value: Double, _ direction: Direction, must: Double, goal: Double? = nil) {
        self.name = name
        self.value = value
        self.direction = direction
        self.must = must
        self.goal = goal
    }

    /// `goal`, `ok` or `missed`; `-` if it could not be measured.
    package var verdict: String {
        guard value.isFinite else { return "-" }
        if let goal, reaches(goal) { return "goal" }
        return reaches(must) ? "ok" : "missed"
    }

    private func reaches(_ bar: Double) -> Bool {
        switch direction {
        case .atLeast: value >= bar
        case .atMost: value <= bar
        }
    }

    /// The value for people: with more than three digits where those would put it on the other side of a bar.
    private var shown: String {
        let digits = (3...9).first { digits in
            var rounded = self
            rounded.value = BenchValue.rounded(value, digits: digits)
            return rounded.verdict == verdict
        }
        return BenchValue.shown(value, digits: digits ?? 9)
    }

    /// The bar as one row of a table.
    package var row: BenchRow {
        let sign = direction == .atLeast ? "≥ " : "≤ "
        return BenchRow(
            ("figure", .text(name)),
            ("seen", .text(shown)),
            ("must", .text(sign + BenchValue.number(must).shown)),
            ("goal", .text(goal.map { sign + BenchValue.number($0).shown } ?? "")),
            ("verdict", .text(verdict))
        )
    }
}
