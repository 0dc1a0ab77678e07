import Foundation
import Testing

@testable import AmaraAPI

/// What a POST puts on the wire.
@Suite(.timeLimit(.minutes(1))) struct CreateRequestTests {
    /// The head's lines and the body of the one POST that `parameters` and `image` make.
    private func request(
        image: [UInt8] = [1, 2, 3],
        parameters: GenerationParameters = GenerationParameters()
    ) async throws -> (head: [String], body: String) {
        try await ScriptedServer.serving([.readRequest, ScriptedServer.answer(200, #"{"generation_id":"g"}"#)]) {
            server in
            _ = try await withClient(server.baseURL) { try await $0.create(image: image, parameters: parameters) }
            let text = try #require(await server.nextRequest())
            let end = try #require(text.firstRange(of: "\r\n\r\n"))
            return (text[..<end.lowerBound].split(separator: "\r\n").map(String.init), String(text[end.upperBound...]))
        }
    }

    @Test("a POST goes to the base URL with the token, a length, and a connection of its own")
    func sendsHead() async throws {
        let (head, body) = try await request()
        #expect(head.first == "POST /meshgen-api HTTP/1.1")
        #expect(head.contains("Authorization: Bearer \(canary)"))
        #expect(head.contains("Content-Type: application/json"))
        #expect(head.contains("Connection: close"))
        #expect(head.contains("User-Agent: meshmill/test"))
        #expect(head.contains { $0.lowercased() == "content-length: \(body.utf8.count)" })
        #expect(!head.contains { $0.lowercased().hasPrefix("transfer-encoding") })
    }

    @Test("absent parameters are absent from the body")
    func sendsImageAlone() async throws {
        #expect(try await request(image: Array("hello".utf8)).body == #"{"image":"aGVsbG8="}"#)
    }

    @Test("parameters arrive as the reference names them, 64-bit seeds exactly, prompts escaped")
    func sendsParameters() async throws {
        let prompt = "a \"chair\"\n\\ 🪑"
        let body = try await request(
            parameters: GenerationParameters(
                mode: .detailed,
                prompt: prompt,
                seed: .max,
                decimationTarget: 100_000,
                textureSize: 4_096
            )
        ).body
        let fields = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        #expect(Set(fields.keys) == ["image", "mode", "prompt", "seed", "decimation_target", "texture_size"])
        #expect(fields["image"] as? String == "AQID")
        #expect(fields["mode"] as? String == "detailed")
        #expect(fields["prompt"] as? String == prompt)
        #expect(body.contains(#""seed":9223372036854775807"#))
        #expect(fields["decimation_target"] as? Int == 100_000)
        #expect(fields["texture_size"] as? Int == 4_096)
    }

    @Test("an image of several pieces arrives whole", arguments: [49_151, 49_152, 49_153, 200_000])
    func sendsLargeImage(count: Int) async throws {
        var random = SystemRandomNumberGenerator()
        let image = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let body = try await request(image: image, parameters: GenerationParameters(mode: .fast)).body
        #expect(body == #"{"image":"\#(Data(image).base64EncodedString())","mode":"fast"}"#)
    }

    @Test("every POST opens a connection")
    func opensConnections() async throws {
        try await ScriptedServer.serving(
            [.readRequest, ScriptedServer.answer(200, #"{"generation_id":"g"}"#), .stall]
        ) { server in
            try await withClient(server.baseURL) { client in
                for _ in 0..<3 { _ = try await client.create() }
            }
            #expect(server.connections == 3)
        }
    }

    @Test("LESSON 12: a POST is not redirected")
    func followsNoRedirect() async throws {
        try await ScriptedServer.serving([.readRequest, ScriptedServer.answer(200, "{}")]) { other in
            try await ScriptedServer.serving(
                [.readRequest, ScriptedServer.answer(307, "", headers: "Location: \(other.baseURL)\r\n")]
            ) { server in
                let outcome = try await withClient(server.baseURL) { try await $0.create() }
                guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
                #expect(refusal.kind == .redirected)
                #expect(server.connections == 1)
                #expect(other.connections == 0)
            }
        }
    }
}
