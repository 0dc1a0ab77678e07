/// One cell of a report.
package enum BenchValue: Sendable, Hashable {
    case text(String)
    case whole(Int)
    /// Not finite means: could not be measured.
    case number(Double)

    /// For people: three significant digits, thousands set apart.
    package var shown: String {
        switch self {
        case .text(let text): text
        case .whole(let number): Self.grouped(number)
        case .number(let number): Self.shown(number, digits: 3)
        }
    }

    /// A number with so many significant digits: all of those before its point, and up to three zeros behind it.
    ///
    /// With three digits: `1,235`, `12.3`, `1.50`, `0.995`, `0.0331`, `0.00`.
    static func shown(_ number: Double, digits: Int) -> String {
        guard number.isFinite else { return "-" }
        let decimals = decimals(of: number, digits: digits)
        let scale = power(decimals)
        let scaled = Int((abs(number) * scale).rounded())
        let whole = (number < 0 && scaled > 0 ? "-" : "") + grouped(scaled / Int(scale))
        guard decimals > 0 else { return whole }
        let rest = String(scaled % Int(scale))
        return whole + "." + String(repeating: "0", count: decimals - rest.count) + rest
    }

    /// The number that ``shown(_:digits:)`` writes.
    static func rounded(_ number: Double, digits: Int) -> Double {
        let scale = power(decimals(of: number, digits: digits))
        return (number * scale).rounded() / scale
    }

    private static func decimals(of number: Double, digits: Int) -> Int {
        var (size, decimals) = (abs(number), digits - 1)
        while size >= 10, decimals > 0 { (size, decimals) = (size / 10, decimals - 1) }
        while size > 0, size < 1, decimals < digits + 3 { (size, decimals) = (size * 10, decimals + 1) }
        return decimals
    }

    private static func power(_ decimals: Int) -> Double { (0..<decimals).reduce(1) { power, _ in power * 10 } }

    private static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))[...]
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }
}
