/// An instant as PostgreSQL's `timestamptz` holds it, to the microsecond.
package struct PostgresTimestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01 00:00 UTC; `Int64.max` and `Int64.min` are `infinity` and `-infinity`.
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Later than every instant.
    package static let infinity = PostgresTimestamp(microseconds: .max)
    /// Earlier than every instant.
    package static let negativeInfinity = PostgresTimestamp(microseconds: .min)

    /// Whether this is an instant, not an infinity.
    package var isFinite: Bool { self != .infinity && self != .negativeInfinity }

    package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The time from this instant to `later`; nil if either is infinite.
    package func duration(to later: PostgresTimestamp) -> Duration? {
        guard isFinite, later.isFinite else { return nil }
        return .microseconds(later.microseconds) - .microseconds(microseconds)
    }
}

extension PostgresTimestamp: CustomStringConvertible {
    /// ISO 8601 in UTC, like `2026-07-01T12:00:00.000000Z`, or `infinity`.
    ///
    /// Years before 1 end in ` BC`.
    package var description: String {
        switch self {
        case .infinity: return "infinity"
        case .negativeInfinity: return "-infinity"
        default: break
        }
        let (second, microsecond) = microseconds.flooredDivision(by: 1_000_000)
        let (day, secondOfDay) = second.flooredDivision(by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let clock = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map { $0.padded(to: 2) }
        let year = date.year > 0 ? date.year : 1 - date.year
        return """
            \(year.padded(to: 4))-\(date.month.padded(to: 2))-\(date.day.padded(to: 2))\
            T\(clock.joined(separator: ":")).\(microsecond.padded(to: 6))Z\(date.year > 0 ? "" : " BC")
            """
    }
}

extension PostgresTimestamp: PostgresEncodable {
    package func encode(to text: inout [UInt8]) {
        text.append(contentsOf: description.utf8)
    }
}

/// A day of the proleptic Gregorian calendar.
private struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    /// Counts in eras of 400 years (146,097 days) whose years start in March, so that the leap day comes last.
    init(daysSince1970 days: Int64) {
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // From March on, months of 31, 30, 31, 30, 31 days repeat every 153 days.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }
}

extension Int64 {
    /// Quotient rounded down and a remainder that is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The decimal digits, with zeros in front up to `width`.
    fileprivate func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
