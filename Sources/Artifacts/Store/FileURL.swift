/// Addresses of the form `file:///absolute/path`.
enum FileURL {
    /// The path that an address names: absolute, without a slash at its end; nil if it is no such address.
    static func path(of url: String) -> String? {
        guard url.hasPrefix("file:/") else { return nil }
        var rest = url.dropFirst("file:".count)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            if rest.hasPrefix("localhost/") { rest = rest.dropFirst("localhost".count) }
        }
        guard rest.hasPrefix("/"), let path = decoded(rest), !path.utf8.contains(0) else { return nil }
        let components = path.split(separator: "/")
        guard !components.isEmpty, !components.contains(".."), !components.contains(".") else { return nil }
        return "/" + components.joined(separator: "/")
    }

    /// The address of an absolute path.
    static func string(path: String) -> String {
        "file://"
            + path.utf8.map { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E: String(UnicodeScalar(byte))
                default: "%" + Hexadecimal.text([byte]).uppercased()
                }
            }.joined()
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
            guard digits.utf8.count == 2, let value = Hexadecimal.bytes(digits) else { return nil }
            bytes += value
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
