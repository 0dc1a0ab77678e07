import Crypto

/// Tells whether a secret is known, without holding it.
package struct SecretFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// 64 hexadecimal digits: a SHA-256 that serves no other purpose.
    package let text: String

    /// The fingerprint of a provider key's secret.
    package init(of secret: Secret) {
        var hash = SHA256()
        hash.update(data: Array("meshmill/key-fingerprint/v1\0".utf8))
        hash.update(data: Array(secret.exposed.utf8))
        text = Hexadecimal.text(hash.finalize())
    }

    /// The name of a key that nobody named: `key-` and the fingerprint's first digits.
    ///
    /// Six of them, as people read it; more where two keys would share the name.
    package func defaultName(digits: Int = 6) -> String { "key-\(text.prefix(digits))" }

    package var description: String { text }
}
