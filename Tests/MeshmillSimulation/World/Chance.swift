import AmaraSimulator
import Foundation

/// The one source of chance of a part of a run: the same seed and stream give the same numbers.
///
/// Parts draw from streams of their own, so that one more draw in one of them does not change all the others.
struct Chance: RandomNumberGenerator, Sendable {
    private var generator: SeededGenerator

    init(seed: UInt64, stream: UInt64) {
        var mixer = SeededGenerator(seed: seed ^ (stream &* 0xD1B5_4A32_D192_ED03))
        generator = SeededGenerator(seed: mixer.next())
    }

    mutating func next() -> UInt64 { generator.next() }

    /// Whether something of this probability happens.
    mutating func happens(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &self) < probability
    }

    /// A time of the range, to the microsecond.
    mutating func time(_ range: ClosedRange<Duration>) -> Duration {
        let (least, most) = (range.lowerBound.microseconds, range.upperBound.microseconds)
        return .microseconds(Int64.random(in: least...max(least, most), using: &self))
    }

    /// A time around a mean, as waiting for something that comes at random takes, at most ten times the mean.
    mutating func time(around mean: Duration) -> Duration {
        min(mean * -log(Double.random(in: 0x1p-20...1, using: &self)), mean * 10)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<T>(_ choices: [T]) -> T { choices[number(0...choices.count - 1)] }

    mutating func uuid() -> UUID {
        let (high, low) = (next(), next())
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (index * 8)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4),
                byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }
}

extension Duration {
    /// Whole microseconds, rounded down.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    var inSeconds: Double { Double(microseconds) / 1e6 }
}
