/// The order in which people count: `key-2` before `key-10`.
enum NaturalOrder {
    /// Whether one text stands before another: runs of digits by their number, the rest by letters.
    static func isAscending(_ one: String, _ other: String) -> Bool {
        var (a, b) = (one[...], other[...])
        while let first = a.first, let second = b.first {
            let (digits, others) = (a.prefix(while: isDigit), b.prefix(while: isDigit))
            guard digits.isEmpty || others.isEmpty else {
                let (number, against) = (digits.drop { $0 == "0" }, others.drop { $0 == "0" })
                if number != against { return (number.count, number) < (against.count, against) }
                (a, b) = (a.dropFirst(digits.count), b.dropFirst(others.count))
                continue
            }
            if first != second { return first < second }
            (a, b) = (a.dropFirst(), b.dropFirst())
        }
        return a.isEmpty && b.isEmpty ? one < other : a.isEmpty
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
