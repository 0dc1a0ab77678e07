import FoundationEssentials

/// The base URL as it was given, and the URLs made from it.
struct APIAddress: Sendable, Hashable {
    /// Where POSTs go; it may already have a query.
    let base: String
    let origin: Origin

    /// - Throws: `configuration` when no request may go to `base`.
    init(_ base: String, allowsInsecureHTTP: Bool) throws(AmaraError) {
        guard let url = URL(string: base), let origin = Origin(url), url.fragment == nil else {
            throw AmaraError(.configuration, "the API's base URL must be an http or https URL with a host, no fragment")
        }
        guard url.user == nil, url.password == nil else {
            throw AmaraError(.configuration, "the API's base URL must not hold a user or password; keys are sent apart")
        }
        guard origin.scheme == "https" || origin.isLoopback || allowsInsecureHTTP else {
            throw AmaraError(
                .configuration,
                "the API's base URL at \(CleanedText.clean(origin.host, limit: 100)) is http, which would send keys in "
                    + "the clear; use https, or set MESHMILL_INSECURE=1 if the network is yours"
            )
        }
        self.base = base
        self.origin = origin
    }

    func status(of generationID: String) -> String {
        base + separator + "id=" + Self.encoded(generationID)
    }

    func download(of generationID: String) -> String {
        status(of: generationID) + "&download=true"
    }

    private var separator: String {
        guard base.contains("?") else { return "?" }
        return base.hasSuffix("?") || base.hasSuffix("&") ? "" : "&"
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case _:
                encoded += byte < 16 ? "%0" : "%"
                encoded += String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
