import MeshmillCore
import Testing

@Suite("A secret")
struct SecretTests {
    @Test("is shown by no printing, interpolation, dump or reflection")
    func isNotShown() {
        let secret = Secret("sk_amara_hidden")
        var dumped = ""
        dump(["key": secret], to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: [secret]), dumped] {
            #expect(!text.contains("hidden"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(secret.exposed == "sk_amara_hidden")
    }

    @Test("of a key file's row is not shown either")
    func rowDoesNotShowIt() {
        var dumped = ""
        dump(KeyFileRow(line: 1, secret: Secret("sk_amara_hidden")), to: &dumped)
        #expect(!dumped.contains("hidden"))
    }
}
