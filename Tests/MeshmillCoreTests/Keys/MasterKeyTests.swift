import MeshmillCore
import Testing

@Suite("A master key")
struct MasterKeyTests {
    private let secret = Secret("sk_amara_hidden")

    @Test("opens what it sealed for the same key")
    func opens() throws {
        let key = MasterKey()
        let sealed = try key.seal(secret, keyID: 7)
        #expect(sealed.masterKeyID == key.id)
        #expect(sealed.bytes.count == 12 + secret.exposed.utf8.count + 16)
        #expect(try key.open(sealed, keyID: 7) == secret)
    }

    @Test("seals the same secret differently each time")
    func differs() throws {
        let key = MasterKey()
        #expect(try key.seal(secret, keyID: 7) != key.seal(secret, keyID: 7))
    }

    @Test("does not open a secret that was moved to another key's row")
    func doesNotOpenMoved() throws {
        let key = MasterKey()
        let sealed = try key.seal(secret, keyID: 7)
        #expect(throws: MasterKeyError.damaged(keyID: 8)) { try key.open(sealed, keyID: 8) }
    }

    @Test("does not open what was changed by one bit, or cut short")
    func doesNotOpenDamaged() throws {
        let key = MasterKey()
        let sealed = try key.seal(secret, keyID: 7)
        for index in sealed.bytes.indices {
            var damaged = sealed
            damaged.bytes[index] ^= 1
            #expect(throws: MasterKeyError.damaged(keyID: 7)) { try key.open(damaged, keyID: 7) }
        }
        for count in 0..<28 {
            let short = SealedSecret(masterKeyID: key.id, bytes: Array(sealed.bytes.prefix(count)))
            #expect(throws: MasterKeyError.damaged(keyID: 7)) { try key.open(short, keyID: 7) }
        }
    }

    @Test("names the other one when a secret was sealed by another")
    func namesTheOther() throws {
        let (key, other) = (MasterKey(), MasterKey())
        let sealed = try other.seal(secret, keyID: 7)
        #expect(throws: MasterKeyError.otherKey(expected: other.id, actual: key.id)) {
            try key.open(sealed, keyID: 7)
        }
    }

    @Test("comes back from its text, in Base64 or hexadecimal, whatever white space is around it")
    func comesBack() throws {
        let key = MasterKey()
        #expect(try MasterKey(text: Secret(key.text.exposed + "\n")).id == key.id)
        let digits = String(repeating: "0123456789abcdef", count: 4)
        #expect(try MasterKey(text: Secret(" \(digits.uppercased())\n")).id == MasterKey(text: Secret(digits)).id)
    }

    @Test("is not made of anything else", arguments: ["", "short", "AAAA", String(repeating: "z", count: 64)])
    func isNotMadeOf(text: String) {
        #expect(throws: MasterKeyError.malformed) { try MasterKey(text: Secret(text)) }
    }

    @Test("shows its id and nothing else")
    func showsItsID() {
        let key = MasterKey()
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "master key \(key.id)")
        #expect(!dumped.contains("Symmetric") && !dumped.contains(key.text.exposed))
        #expect(key.id.count == 16)
    }

    @Test("gives each secret one fingerprint, which tells nothing of it")
    func fingerprints() {
        let fingerprint = SecretFingerprint(of: secret)
        #expect(fingerprint == SecretFingerprint(of: Secret("sk_amara_hidden")))
        #expect(fingerprint != SecretFingerprint(of: Secret("sk_amara_hidden2")))
        #expect(fingerprint.text.count == 64)
        #expect(fingerprint.defaultName() == "key-" + fingerprint.text.prefix(6))
    }
}
