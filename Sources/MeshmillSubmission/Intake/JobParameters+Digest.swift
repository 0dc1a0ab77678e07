import Crypto

extension JobParameters {
    /// Twelve hexadecimal digits that stand for these parameters in a file name.
    ///
    /// They are the same in every process and release, and whether a value was typed or is the default: a manifest
    /// that is submitted again must come to the same names. Twelve keep 100,000 variants of one image apart but for a chance of two in
    /// 100,000.
    var digest: String {
        // The prompt comes last, since it alone may hold a line feed.
        let text = "\(mode.rawValue)\n\(seed)\n\(decimationTarget)\n\(textureSize)\n\(prompt ?? "")"
        let number = SHA256.hash(data: Array(text.utf8)).prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 12 - digits.utf8.count) + digits
    }
}
