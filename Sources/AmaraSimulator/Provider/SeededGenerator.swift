/// A small random number generator that gives the same numbers for the same seed (SplitMix64).
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. Not for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Tells whether something of probability `rate` happens this time; draws only when the rate leaves a choice.
    mutating func happens(_ rate: Double) -> Bool {
        if rate <= 0 { return false }
        if rate >= 1 { return true }
        return Double.random(in: 0..<1, using: &self) < rate
    }

    /// Draws a random UUID, version 4, in lower case.
    ///
    /// Source: RFC 9562, section 5.4.
    mutating func identifier() -> String {
        let high = next() & ~0xF000 | 0x4000
        let low = next() & ~(0b11 << 62) | 0b10 << 62
        let bytes = [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { Hexadecimal.text(bytes[$0]) }.joined(separator: "-")
    }

    /// Draws a duration from a range, to the microsecond.
    mutating func duration(in range: ClosedRange<Duration>) -> Duration {
        let lower = range.lowerBound.inMicroseconds
        let upper = max(lower, range.upperBound.inMicroseconds)
        return .microseconds(Int64.random(in: lower...upper, using: &self))
    }
}
