/// One cell of a report.
package enum BenchValue: Sendable, Hashable {
    case text(String)
    case whole(Int)
    /// Not finite means: could not be measured.
    case number(Double)

    /// For people: three significant digits, thousands set apart.
    package var shown: String {
        switch self {
        case .text(let text): return text
        case .whole(let number): return Self.grouped(number)
        case .number(let number):
            guard number.isFinite else { return "-" }
            let size = abs(number)
            if size >= 100 { return Self.grouped(Int(number.rounded())) }
            let digits = size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : 4
            return Self.fixed(number, digits)
        }
    }

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

    private static func fixed(_ number: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((abs(number) * scale).rounded())
        let whole = scaled / Int(scale)
        let rest = String(scaled % Int(scale))
        return (number < 0 && scaled > 0 ? "-" : "") + "\(whole)."
            + String(repeating: "0", count: digits - rest.count) + rest
    }
}
