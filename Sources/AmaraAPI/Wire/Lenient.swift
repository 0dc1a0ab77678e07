/// A field that is read if it can be, whatever the provider put there: a wrong type is as good as no field.
///
/// A provider in beta writes numbers as strings, `NaN`, `null`, and new shapes; one odd field must not lose an answer
/// that has cost a credit.
struct Lenient<Value: LenientlyDecodable>: Decodable, Sendable {
    let value: Value?

    init(from decoder: any Decoder) throws {
        value = Value(leniently: decoder)
    }
}

/// A type that reads itself from a JSON value or says that it cannot.
protocol LenientlyDecodable: Sendable {
    init?(leniently decoder: any Decoder)
}

extension String: LenientlyDecodable {
    init?(leniently decoder: any Decoder) {
        guard let text = try? decoder.singleValueContainer().decode(String.self) else { return nil }
        self = text
    }
}

extension Double: LenientlyDecodable {
    /// A number, or a string that is one; never NaN.
    init?(leniently decoder: any Decoder) {
        guard let container = try? decoder.singleValueContainer() else { return nil }
        let number = (try? container.decode(Double.self)) ?? (try? container.decode(String.self)).flatMap { Double($0) }
        guard let number, !number.isNaN else { return nil }
        self = number
    }
}

extension Int: LenientlyDecodable {
    /// No counter of this API is larger; sums of what is accepted cannot overflow.
    private static let credible = -1_000_000_000_000...1_000_000_000_000

    /// A whole number, a fraction rounded towards zero, or a string that is one; `nil` beyond ±10¹².
    init?(leniently decoder: any Decoder) {
        let whole =
            (try? decoder.singleValueContainer().decode(Int.self))
            ?? Double(leniently: decoder).flatMap { Int(exactly: $0.rounded(.towardZero)) }
        guard let whole, Self.credible.contains(whole) else { return nil }
        self = whole
    }
}

extension Bool: LenientlyDecodable {
    /// `true`, `false`, or a string that says so.
    init?(leniently decoder: any Decoder) {
        guard let container = try? decoder.singleValueContainer() else { return nil }
        if let truth = try? container.decode(Bool.self) {
            self = truth
        } else if let text = try? container.decode(String.self), let truth = Bool(text.lowercased()) {
            self = truth
        } else {
            return nil
        }
    }
}
