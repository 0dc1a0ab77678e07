import Foundation
import NIOSSL
import Testing

@testable import AmaraAPI

/// Whom the client trusts.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    private func tls() throws -> TLSConfiguration {
        let certificate = try NIOSSLCertificate(bytes: Array(TestCertificate.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.privateKey.utf8), format: .pem)
        return .makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
    }

    @Test("a server with an unknown certificate gets no request, provably")
    func refusesUnknownAuthority() async throws {
        let tls = try tls()
        try await ScriptedServer.serving([.readRequest, .stall], tls: tls) { server in
            try await withClient("https://localhost:\(server.port)/") { client in
                let created = try await client.create()
                #expect(created == .notSent(.tlsFailed, provably: true))
                let polled = try await client.status()
                #expect(polled == .network(.tlsFailed))
            }
        }
    }

    @Test("a CA file makes its servers trusted, by name and by address")
    func trustsCertificateAuthority() async throws {
        let tls = try tls()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("ca-\(UUID().uuidString).pem")
        try Data(TestCertificate.certificate.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let path = file.path
        try await ScriptedServer.serving(
            [.readRequest, ScriptedServer.answer(200, #"{"generation_id":"g"}"#)],
            tls: tls
        ) { server in
            for host in ["localhost", "127.0.0.1"] {
                let outcome = try await withClient(
                    "https://\(host):\(server.port)/",
                    certificateAuthorityFile: path
                ) { try await $0.create() }
                #expect(outcome == .accepted(CreateAccepted(generationID: "g")))
            }
        }
    }
}
