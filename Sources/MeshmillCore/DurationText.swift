/// Lengths of time as people type and read them: `15m`, `6s`, `1h30m`, `250ms`, or plain seconds.
package enum DurationText {
    /// The longest length that is read, which no window, lease or wait comes near.
    package static let longest: Duration = .seconds(366 * 86_400)

    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// Reads a length of time.
    ///
    ///     DurationText.parse("1h30m")  // 5,400 s
    ///     DurationText.parse("900")    // 900 s
    ///     DurationText.parse("1.5s")   // 1.5 s
    ///
    /// - Returns: nil if the text is none, is negative, or is longer than ``longest``. The unit `m` is minutes.
    package static func parse(_ text: String) -> Duration? {
        if let seconds = number(text[...]) { return duration(seconds: seconds) }
        var rest = text[...]
        var seconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            guard let value = number(digits), let unit = units.first(where: { rest.hasPrefix($0.name) }) else {
                return nil
            }
            rest = rest.dropFirst(unit.name.count)
            seconds += value * unit.seconds
        }
        return duration(seconds: seconds)
    }

    /// Writes a length of time in at most three units, so that `parse` reads it back to the millisecond.
    ///
    ///     DurationText.format(.seconds(900))          // "15m"
    ///     DurationText.format(.milliseconds(90_500))  // "1m30.5s"
    ///     DurationText.format(.zero)                  // "0s"
    package static func format(_ duration: Duration) -> String {
        let (wholeSeconds, attoseconds) = duration.components
        var milliseconds = wholeSeconds.magnitude * 1_000 + attoseconds.magnitude / 1_000_000_000_000_000
        let isNegative = duration < .zero && milliseconds > 0
        var text = ""
        for (name, length) in [("d", UInt64(86_400_000)), ("h", 3_600_000), ("m", 60_000)] where milliseconds >= length
        {
            text += "\(milliseconds / length)\(name)"
            milliseconds %= length
        }
        if milliseconds > 0 || text.isEmpty {
            text += "\(milliseconds / 1_000)\(fraction(ofThousand: milliseconds % 1_000))s"
        }
        return isNegative ? "-" + text : text
    }

    private static func fraction(ofThousand milliseconds: UInt64) -> String {
        guard milliseconds > 0 else { return "" }
        var digits = String(String(1_000 + milliseconds).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }

    /// A plain decimal number: no sign, no exponent, no `nan`.
    private static func number(_ text: Substring) -> Double? {
        guard let first = text.first, first.isASCII, first.isNumber,
            text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") })
        else { return nil }
        return Double(text)
    }

    private static func duration(seconds: Double) -> Duration? {
        // Rounded to the microsecond, which is what PostgreSQL keeps.
        let duration = Duration.microseconds(Int64((min(seconds, 1e9) * 1_000_000).rounded()))
        return duration <= longest ? duration : nil
    }
}
