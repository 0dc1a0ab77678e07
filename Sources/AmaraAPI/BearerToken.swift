/// A provider key's secret, which no printing, interpolation or reflection shows.
///
/// Only ``exposed`` gives it out, and only to put it into an `Authorization` header.
package struct BearerToken: Sendable, Hashable {
    /// The secret itself; never log it, never put it into an error.
    package let exposed: String

    /// Takes a secret as it came, without surrounding white space.
    ///
    /// - Returns: `nil` if it is empty, longer than 4,096 bytes, or has a character other than visible ASCII, which
    ///   no header may carry.
    package init?(_ secret: String) {
        var bytes = secret.utf8[...]
        while let first = bytes.first, Self.isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, Self.isSpace(last) { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.count <= 4_096, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        exposed = String(Substring(bytes))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[secret]" }
    package var debugDescription: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
