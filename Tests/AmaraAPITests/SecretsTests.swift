import Logging
import Synchronization
import Testing

@testable import AmaraAPI

/// The token comes out in the `Authorization` header and nowhere else.
@Suite(.timeLimit(.minutes(1))) struct SecretsTests {
    @Test("a token shows itself in no print, interpolation, dump or mirror")
    func hidesToken() throws {
        let token = try canaryToken()
        var dumped = ""
        dump((token, [token], ["key": token]), to: &dumped)
        for text in ["\(token)", String(reflecting: token), String(describing: Optional(token)), dumped] {
            #expect(!text.contains("CANARY"))
        }
        #expect("\(token)" == "[secret]")
        #expect(token.exposed == canary)
    }

    @Test("only what a header may carry is a token")
    func checksToken() {
        #expect(BearerToken("  sk_amara_x\r\n")?.exposed == "sk_amara_x")
        for text in ["", " \n", "a b", "a\r\nX-Evil: 1", "schlüssel", String(repeating: "a", count: 5_000)] {
            #expect(BearerToken(text) == nil)
        }
    }

    @Test("no log line and no outcome holds the token, even when the provider repeats it in a redirect")
    func keepsTokenOutOfLogs() async throws {
        let lines = Mutex<[String]>([])
        let log = LineLog(write: { line in lines.withLock { $0.append(line) } })
        let logger = Logger(label: "test", factory: { _ in log })
        try await ScriptedServer.serving(
            [.readRequest],
            [.readRequest, ScriptedServer.answer(500, "{}")],
            [.readRequest, ScriptedServer.answer(302, "", headers: "Location: https://\(canary)@x/\r\n")]
        ) { server in
            try await withClient(server.baseURL, logger: logger) { client in
                let first = try await client.create()
                let second = try await client.status()
                let third = await #expect(throws: AmaraError.self) {
                    try await client.download(generationID: "g", token: canaryToken(), into: { _ in })
                }
                #expect(!"\(first) \(second) \(String(reflecting: third))".contains("CANARY"))
            }
        }
        #expect(!lines.withLock { $0.joined() }.contains("CANARY"))
    }
}

/// Hands every line of every level on, with its metadata.
private struct LineLog: LogHandler {
    let write: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        write("\(event.message) \(event.metadata ?? [:])")
    }
}
