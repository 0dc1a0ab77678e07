import Logging
import Testing

@testable import AmaraAPI

/// Whether a POST without an answer can have been accepted, or even counted.
@Suite struct CreateDoubtTests {
    @Test("a POST whose fence has passed opens no connection")
    func stopsAtFence() async throws {
        try await ScriptedServer.serving([.stall]) { server in
            let outcome = try await withClient(server.baseURL) { try await $0.create(fence: .seconds(-1)) }
            #expect(outcome == .notSent(.fencePassed, provably: true))
            #expect(server.connections == 0)
        }
    }

    @Test("a POST whose deadline has passed opens no connection")
    func stopsAtDeadline() async throws {
        try await ScriptedServer.serving([.stall]) { server in
            let outcome = try await withClient(server.baseURL) { try await $0.create(deadline: .zero) }
            #expect(outcome == .notSent(.deadlinePassed, provably: true))
            #expect(server.connections == 0)
        }
    }

    @Test("a task that is cancelled already sends nothing")
    func stopsWhenCancelled() async throws {
        try await ScriptedServer.serving([.stall]) { server in
            try await withClient(server.baseURL) { client in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await client.create()
                }
                let outcome = try await task.value
                #expect(outcome == .notSent(.cancelled, provably: true))
            }
            #expect(server.connections == 0)
        }
    }

    @Test("a body whose fence passed while the connection opened stays here")
    func stopsAtFenceAfterConnecting() async throws {
        let fence = ContinuousClock.now + .milliseconds(200)
        // The server stands in as a proxy that lets the client through only after the fence.
        try await ScriptedServer.serving(
            [.readHead, .wait(until: fence), .send("HTTP/1.1 200 Connected\r\n\r\n"), .readHead, .stall]
        ) { server in
            let outcome = try await withClient(
                "http://localhost:1/meshgen-api",
                proxy: "http://127.0.0.1:\(server.port)"
            ) { client in
                await client.create(
                    image: [1],
                    parameters: GenerationParameters(),
                    token: try canaryToken(),
                    fence: fence,
                    deadline: fence + .seconds(20)
                )
            }
            #expect(outcome == .notSent(.fencePassed, provably: false))
        }
    }

    @Test("a refused connection is provably no POST")
    func provesRefusedConnection() async throws {
        let port = try await ScriptedServer.serving([]) { $0.port }
        for host in ["127.0.0.1", "localhost"] {
            let outcome = try await withClient("http://\(host):\(port)/") { try await $0.create() }
            #expect(outcome == .notSent(.connectionFailed, provably: true))
        }
    }

    @Test("a name that does not resolve is provably no POST")
    func provesUnknownName() async throws {
        let outcome = try await withClient("https://nowhere.invalid/meshgen-api") { client in
            try await client.create()
        }
        #expect(outcome == .notSent(.nameNotResolved, provably: true))
    }

    @Test("a server that speaks no TLS is provably no POST")
    func provesFailedHandshake() async throws {
        try await ScriptedServer.serving([.send("HTTP/1.1 400 Plain\r\n\r\n"), .stall]) { server in
            let outcome = try await withClient("https://127.0.0.1:\(server.port)/") { try await $0.create() }
            #expect(outcome == .notSent(.tlsFailed, provably: true))
        }
    }

    @Test("a server that hangs up in the handshake is provably no POST")
    func provesHangUp() async throws {
        try await ScriptedServer.serving([]) { server in
            let outcome = try await withClient("https://127.0.0.1:\(server.port)/") { try await $0.create() }
            guard case .notSent(let reason, provably: true) = outcome else { throw Unexpected(outcome) }
            #expect(reason == .tlsFailed || reason == .connectionFailed)
        }
    }

    @Test("a POST that is cancelled, or passes its deadline, in the handshake is provably no POST")
    func provesEndInHandshake() async throws {
        try await ScriptedServer.serving([.readBytes, .stall]) { server in
            try await withClient(
                "https://127.0.0.1:\(server.port)/",
                adjust: { $0.createConnectTimeout = .milliseconds(400) }
            ) { client in
                let task = Task { try await client.create() }
                _ = await server.nextRequest()
                task.cancel()
                let cancelled = try await task.value
                #expect(cancelled == .notSent(.cancelled, provably: true))
                let late = try await client.create(deadline: .milliseconds(50))
                #expect(late == .notSent(.deadlinePassed, provably: true))
            }
        }
    }

    @Test("a proxy that hangs up is provably no POST")
    func provesProxyHangUp() async throws {
        try await ScriptedServer.serving([.readHead]) { server in
            let outcome = try await withClient("https://api.invalid/", proxy: "127.0.0.1:\(server.port)") { client in
                try await client.create()
            }
            #expect(outcome == .notSent(.connectionFailed, provably: true))
        }
    }

    @Test("a handshake that never ends is provably no POST")
    func provesStalledHandshake() async throws {
        try await ScriptedServer.serving([.stall]) { server in
            let outcome = try await withClient(
                "https://127.0.0.1:\(server.port)/",
                adjust: { $0.createConnectTimeout = .milliseconds(100) }
            ) { try await $0.create() }
            guard case .notSent(let reason, provably: true) = outcome else { throw Unexpected(outcome) }
            #expect(reason == .tlsFailed || reason == .connectTimeout)
        }
    }

    @Test("a proxy is told where to, with its own password and not with the token")
    func keepsTokenFromProxy() async throws {
        try await ScriptedServer.serving([.readHead, .send("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")]) { server in
            _ = try await withClient(
                "https://api.invalid/meshgen-api",
                proxy: "http://user:secret@127.0.0.1:\(server.port)"
            ) { try await $0.create() }
            let head = try #require(await server.nextRequest())
            #expect(head.hasPrefix("CONNECT api.invalid:443 HTTP/1.1\r\n"))
            #expect(head.lowercased().contains("proxy-authorization: basic dxnlcjpzzwnyzxq=\r\n"))
            #expect(!head.contains(canary))
        }
    }

    @Test("a proxy that refuses is provably no POST")
    func provesProxyRefusal() async throws {
        try await ScriptedServer.serving([.readHead, .send("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")]) {
            server in
            let outcome = try await withClient(
                "https://api.invalid/",
                proxy: "http://user:\(canary)@127.0.0.1:\(server.port)"
            ) { try await $0.create() }
            #expect(outcome == .notSent(.proxyFailed, provably: true))
        }
    }

    @Test("a connection lost after the body left is unknown")
    func keepsLostAnswerUnknown() async throws {
        try await ScriptedServer.serving([.readRequest]) { server in
            let outcome = try await withClient(server.baseURL) { try await $0.create() }
            guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
            #expect(unknown.reason == .connectionLost)
        }
    }

    @Test("a connection reset under a large body is unknown")
    func keepsResetUnknown() async throws {
        // Closing with unread bytes makes the kernel send a reset.
        try await ScriptedServer.serving([.readHead]) { server in
            let image = [UInt8](repeating: 7, count: 2_000_000)
            let outcome = try await withClient(server.baseURL) { try await $0.create(image: image) }
            guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
            #expect(unknown.reason == .connectionLost)
        }
    }

    @Test("a connection closed at once is never an acceptance, nor proof of nothing sent")
    func keepsEarlyCloseOpen() async throws {
        try await ScriptedServer.serving([]) { server in
            let outcome = try await withClient(server.baseURL) { try await $0.create() }
            switch outcome {
            case .unknown(let unknown): #expect(unknown.reason == .connectionLost)
            case .notSent(.connectionLost, provably: false): break
            case .notSent, .accepted, .refused: throw Unexpected(outcome)
            }
        }
    }

    @Test("a server that never answers is given up at the deadline, as unknown")
    func givesUpAtDeadline() async throws {
        try await ScriptedServer.serving([.readRequest, .stall]) { server in
            let outcome = try await withClient(server.baseURL) { try await $0.create(deadline: .milliseconds(200)) }
            guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
            #expect(unknown.reason == .timedOut)
        }
    }

    @Test("the deadline holds for a body that drips")
    func givesUpDrip() async throws {
        try await ScriptedServer.serving(
            [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), .drip(every: .milliseconds(10))]
        ) { server in
            let outcome = try await withClient(server.baseURL) { try await $0.create(deadline: .milliseconds(300)) }
            guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
            #expect(unknown.reason == .truncatedAnswer)
            #expect(unknown.message.contains("timed_out"))
        }
    }

    @Test("cancelling a POST that has left ends it at once, as unknown")
    func cancels() async throws {
        try await ScriptedServer.serving([.readRequest, .stall]) { server in
            try await withClient(server.baseURL) { client in
                let started = ContinuousClock.now
                let task = Task { try await client.create() }
                _ = await server.nextRequest()
                task.cancel()
                let outcome = try await task.value
                guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
                #expect(unknown.reason == .cancelled)
                #expect(ContinuousClock.now - started < .seconds(5))
            }
        }
    }

    @Test("a client that is shut down sends nothing")
    func stopsAfterShutdown() async throws {
        let configuration = try AmaraClientConfiguration(baseURL: "http://127.0.0.1:9/", version: "test")
        let client = try AmaraClient(configuration: configuration, logger: .init(label: "test"))
        try await client.shutdown()
        let outcome = try await client.create()
        #expect(outcome == .notSent(.invalidRequest, provably: true))
    }
}
