import NIOCore

/// An IPv4 or IPv6 address as bytes, and whether it belongs to the public internet.
///
/// Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries.
struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    /// - Returns: `nil` unless `text` is a literal address as `inet_pton` reads it; a zone (`%eth0`) is none.
    init?(_ text: String) {
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        self.init(address)
    }

    /// Reads the address at its place in `sockaddr_in` or `sockaddr_in6`; their fields belong to a module of SwiftNIO's own.
    ///
    /// - Returns: `nil` for a Unix domain socket.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let v4):
            bytes = withUnsafeBytes(of: v4.address) { [UInt8]($0[4..<8]) }
        case .v6(let v6):
            bytes = withUnsafeBytes(of: v6.address) { [UInt8]($0[8..<24]) }
        case .unixDomainSocket:
            return nil
        }
    }

    private init(v4 bytes: ArraySlice<UInt8>) { self.bytes = [UInt8](bytes) }

    var isLoopback: Bool {
        if let embedded { return embedded.isLoopback }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Whether a stranger's URL may lead here: no loopback, private, link-local, shared (CGNAT), documentation,
    /// multicast or reserved address, in whatever form it is written.
    var isPublic: Bool {
        if let embedded { return embedded.isPublic }
        return bytes.count == 4 ? isPublicV4 : isPublicV6
    }

    /// The IPv4 address inside a mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`) address.
    private var embedded: IPAddress? {
        guard bytes.count == 16 else { return nil }
        if bytes[0..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return IPAddress(v4: bytes[12...])
        }
        if bytes[0..<4] == [0x00, 0x64, 0xFF, 0x9B], bytes[4..<12].allSatisfy({ $0 == 0 }) {
            return IPAddress(v4: bytes[12...])
        }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return IPAddress(v4: bytes[2..<6]) }
        return nil
    }

    private var isPublicV4: Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _): false
        case (100, 64...127, _): false  // shared, CGNAT
        case (169, 254, _): false  // link-local, cloud metadata
        case (172, 16...31, _), (192, 168, _): false
        case (192, 0, 0), (192, 0, 2), (198, 51, 100), (203, 0, 113): false  // IETF, documentation
        case (192, 88, 99): false  // 6to4 relays
        case (198, 18...19, _): false  // benchmarks
        case (224...255, _, _): false  // multicast, reserved, broadcast
        case _: true
        }
    }

    /// Only global unicast (`2000::/3`), without what is set aside inside it.
    private var isPublicV6: Bool {
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0x20, 0x01, 0x00...0x01, _): return false  // IETF protocols, Teredo, ORCHID
        case (0x20, 0x01, 0x0D, 0xB8): return false  // documentation
        case (0x3F, 0xFF, 0x00...0x0F, _): return false  // documentation
        case _: return true
        }
    }
}
