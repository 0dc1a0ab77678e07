/// Makes inputs out of others, the same from the same seed.
struct Mutator {
    private static let bytes: [UInt8] = [0, 1, 0x20, 0x22, 0x2C, 0x0A, 0x0D, 0x7F, 0x80, 0xC2, 0xE2, 0xED, 0xF4, 0xFF]
    private static let numbers: [UInt32] = [0, 1, 2, 3, 4, 12, 20, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFC, 0xFFFF_FFFF]
    private static let texts = [
        "0", "-1", "1e999", "-0.0", "NaN", "9223372036854775807", "9223372036854775808", "0.1", "null", "true", "[]",
        "{}", "\"\"", "\\u0000", "\\ud800", "\u{202E}", "\u{85}", "\u{2028}", "🦊", "\u{FEFF}", "..", "/", "\\",
    ]

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A few random changes of one of the inputs.
    mutating func mutate(_ pool: [[UInt8]], words: [String], limit: Int = 8_192) -> [UInt8] {
        var input = pool[below(pool.count)]
        for _ in 0...below(4) { change(&input, pool, words) }
        return Array(input.prefix(limit))
    }

    private mutating func change(_ input: inout [UInt8], _ pool: [[UInt8]], _ words: [String]) {
        let place = below(input.count + 1)
        let length = min(below(1 << below(8)), input.count - place)
        switch below(10) {
        case 0 where place < input.count: input[place] ^= 1 << UInt8(below(8))
        case 1 where place < input.count: input[place] = Self.bytes[below(Self.bytes.count)]
        case 2: input.removeSubrange(place..<(place + length))
        case 3: input.insert(contentsOf: input[place..<(place + length)], at: place)
        case 4: input.removeSubrange(place...)
        case 5: input.insert(contentsOf: Self.texts[below(Self.texts.count)].utf8, at: place)
        case 6 where !words.isEmpty: input.insert(contentsOf: words[below(words.count)].utf8, at: place)
        case 7 where place + 4 <= input.count:
            let number = Self.numbers[below(Self.numbers.count)]
            for index in 0..<4 { input[place + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(index))) }
        case 8:
            let other = pool[below(pool.count)]
            input = Array(input[..<place]) + other[below(other.count + 1)...]
        default: input.insert(UInt8(below(256)), at: place)
        }
    }

    /// A number from 0 up to a bound that is not reached; 0 if the bound is 0.
    private mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
