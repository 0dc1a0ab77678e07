/// Why a master key is of no use.
package enum MasterKeyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is not 32 bytes in Base64 or hexadecimal.
    case malformed
    /// Secrets were sealed by another master key.
    case otherKey(expected: String, actual: String)
    /// The sealed secret of this key was changed, or moved here from another key.
    case damaged(keyID: Int64)
    /// The cipher refused to seal, for the reason given.
    case sealing(String)

    /// One line: the cause and the cure.
    package var description: String {
        switch self {
        case .malformed:
            "the master key is not 32 bytes in Base64 or hexadecimal; make one with: openssl rand -base64 32"
        case .otherKey(let expected, let actual):
            "the keys' secrets are sealed by master key \(expected), but this is \(actual); use the one they were "
                + "imported with, or import the keys again"
        case .damaged(let keyID):
            "the sealed secret of key number \(keyID) is damaged; import the key again"
        case .sealing(let cause):
            "the secret could not be sealed: \(cause)"
        }
    }
}
