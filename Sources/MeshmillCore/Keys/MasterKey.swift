import Crypto
import FoundationEssentials

/// The key that seals the secrets of provider keys: AES-256-GCM.
///
/// Who holds the database and not this key cannot read a secret, nor move a sealed one to another row, since the row's
/// id is sealed with it.
package struct MasterKey: Sendable {
    /// Length of the key in bytes.
    package static let byteCount = 32

    /// Tells master keys apart without giving them away: 16 hexadecimal digits.
    package let id: String
    private let key: SymmetricKey

    /// A new key from the system's random generator.
    package init() {
        self.init(SymmetricKey(size: .bits256))
    }

    /// The key that a file or an environment variable holds.
    ///
    /// - Parameter text: 32 bytes as Base64 or as 64 hexadecimal digits; white space around it does not count.
    /// - Throws: ``MasterKeyError/malformed`` for anything else.
    package init(text: Secret) throws(MasterKeyError) {
        let trimmed = text.exposed.filter { !$0.isWhitespace }
        let bytes = trimmed.utf8.count == 2 * Self.byteCount ? Hexadecimal.bytes(trimmed) : nil
        guard let bytes = bytes ?? Data(base64Encoded: trimmed).map(Array.init), bytes.count == Self.byteCount else {
            throw .malformed
        }
        self.init(SymmetricKey(data: bytes))
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        var hash = SHA256()
        hash.update(data: Array("meshmill/master-key-id/v1\0".utf8))
        key.withUnsafeBytes { hash.update(bufferPointer: $0) }
        id = Hexadecimal.text(hash.finalize().prefix(8))
    }

    /// The key as a file holds it: Base64.
    package var text: Secret { Secret(key.withUnsafeBytes { Data($0).base64EncodedString() }) }

    /// Seals the secret of the provider key with this row id.
    ///
    /// - Throws: ``MasterKeyError/sealing(_:)``, if the cipher refuses.
    package func seal(_ secret: Secret, keyID: Int64) throws(MasterKeyError) -> SealedSecret {
        do {
            let box = try AES.GCM.seal(
                Array(secret.exposed.utf8),
                using: key,
                authenticating: Self.context(keyID: keyID, masterKeyID: id)
            )
            return SealedSecret(masterKeyID: id, bytes: box.nonce + Array(box.ciphertext) + Array(box.tag))
        } catch {
            throw .sealing("\(error)")
        }
    }

    /// Opens what ``seal(_:keyID:)`` made for the same row id.
    ///
    /// - Throws: ``MasterKeyError/otherKey(expected:actual:)`` if another master key sealed it,
    ///   ``MasterKeyError/damaged(keyID:)`` if it is not what was sealed.
    package func open(_ sealed: SealedSecret, keyID: Int64) throws(MasterKeyError) -> Secret {
        guard sealed.masterKeyID == id else { throw .otherKey(expected: sealed.masterKeyID, actual: id) }
        guard let box = try? AES.GCM.SealedBox(combined: sealed.bytes),
            let bytes = try? AES.GCM.open(
                box,
                using: key,
                authenticating: Self.context(keyID: keyID, masterKeyID: sealed.masterKeyID)
            ),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .damaged(keyID: keyID) }
        return Secret(text)
    }

    /// Seals another master key, the one that takes this one's place.
    ///
    /// - Returns: nonce, ciphertext and tag.
    /// - Throws: ``MasterKeyError/sealing(_:)``, if the cipher refuses.
    package func seal(_ successor: MasterKey) throws(MasterKeyError) -> [UInt8] {
        do {
            let bytes = successor.key.withUnsafeBytes { Array($0) }
            let box = try AES.GCM.seal(bytes, using: key, authenticating: Self.context(from: id, to: successor.id))
            return box.nonce + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw .sealing("\(error)")
        }
    }

    /// Opens what ``seal(_:)-(MasterKey)`` made.
    ///
    /// - Parameters:
    ///   - sealed: nonce, ciphertext and tag.
    ///   - successorID: the id of the key within.
    /// - Returns: the successor.
    /// - Throws: ``MasterKeyError/otherKey(expected:actual:)`` if it is not what this key sealed.
    package func openMasterKey(_ sealed: [UInt8], id successorID: String) throws(MasterKeyError) -> MasterKey {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: Self.context(from: id, to: successorID)),
            bytes.count == Self.byteCount
        else { throw .otherKey(expected: successorID, actual: id) }
        let successor = MasterKey(SymmetricKey(data: bytes))
        guard successor.id == successorID else { throw .otherKey(expected: successorID, actual: successor.id) }
        return successor
    }

    private static func context(from: String, to: String) -> [UInt8] {
        Array("meshmill/master-key/v1/\(from)/\(to)".utf8)
    }

    /// What is sealed beside the secret: for what, for which row, by which master key.
    private static func context(keyID: Int64, masterKeyID: String) -> [UInt8] {
        Array("meshmill/key-secret/v1/\(masterKeyID)/\(keyID)".utf8)
    }
}

extension MasterKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "master key \(id)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["id": id], displayStyle: .struct) }
}
