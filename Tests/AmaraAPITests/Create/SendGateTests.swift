import Testing

@testable import AmaraAPI

@Suite struct SendGateTests {
    @Test("a gate opens once before its fence, and then the body has begun")
    func opens() throws {
        let gate = SendGate(fence: .now + .seconds(60))
        try gate.open()
        #expect(gate.shut())
    }

    @Test("a gate does not open after its fence")
    func keepsFence() {
        let gate = SendGate(fence: .now - .seconds(1))
        #expect(throws: SendGate.FencePassed.self) { try gate.open() }
        #expect(!gate.shut())
    }

    @Test("a gate that was shut stays shut, however late the body asks")
    func staysShut() {
        let gate = SendGate(fence: .now + .seconds(60))
        #expect(!gate.shut())
        #expect(throws: SendGate.Abandoned.self) { try gate.open() }
        #expect(!gate.shut())
    }
}
