import Crypto
import Foundation

/// Signs the addresses of files, so that nobody fetches one by guessing.
struct FileSignature: Sendable {
    private let key: SymmetricKey

    init(seed: UInt64) {
        key = SymmetricKey(data: SHA256.hash(data: Data("amara simulator file addresses of seed \(seed)".utf8)))
    }

    /// Path and query of a file that may be fetched until `expiry`.
    func path(_ kind: RequestKind, of generation: Generation) -> String {
        let name = kind == .thumbnail ? "thumbnail.png" : "\(generation.assetName).glb"
        let expires = generation.expiresAt.inMicroseconds
        let signature = Hexadecimal.text(code(kind, generation.id, expires))
        return "/files/\(generation.id)/\(name)?expires_us=\(expires)&signature=\(signature)"
    }

    /// Whether a signature is ours for this file and expiry; takes the same time for every wrong one.
    func isValid(_ signature: String, _ kind: RequestKind, id: String, expires: Int64) -> Bool {
        guard let bytes = Hexadecimal.bytes(signature) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: message(kind, id, expires), using: key)
    }

    private func code(_ kind: RequestKind, _ id: String, _ expires: Int64) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: message(kind, id, expires), using: key)
    }

    private func message(_ kind: RequestKind, _ id: String, _ expires: Int64) -> Data {
        Data("\(kind.rawValue)/\(id)/\(expires)".utf8)
    }
}
