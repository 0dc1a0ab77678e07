import Logging
import Testing

@testable import AmaraAPI

/// Whether a POST without an answer can have been accepted, or even counted.
@Suite(.timeLimit(.minutes(1))) struct CreateDoubtTests {
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
        let outcome = try await withGrowingTime { time -> CreateOutcome? in
            let fence = ContinuousClock.now + time
            // The server stands in as a proxy that lets the client through only after the fence.
            let outcome = try await ScriptedServer.serving(
                [.readHead, .wait(until: fence), .send("HTTP/1.1 200 Connected\r\n\r\n"), .readHead, .stall]
            ) { server in
                try await withClient(
                    "http://localhost:1/meshgen-api",
                    proxy: "http://127.0.0.1:\(server.port)"
                ) { client in
                    await client.create(
                        image: [1],
                        parameters: GenerationParameters(),
                        token: try canaryToken(),
                        fence: fence,
                        deadline: fence + .seconds(50)
                    )
                }
            }
            // Where the fence passed before the connection was tried, there is more time to be had.
            return outcome == .notSent(.fencePassed, provably: true) ? nil : outcome
        }
        #expect(outcome == .notSent(.fencePassed, provably: false))
    }

    @Test("a refused connection is provably no POST")
    func provesRefusedConnection() async throws {
        // Nothing listens on port 1; the port of a server that has ended would soon be another test's.
        for host in ["127.0.0.1", "localhost"] {
            let outcome = try await withClient("http://\(host):1/") { try await $0.create() }
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

    @Test("a POST that is cancelled in the handshake is provably no POST")
    func provesCancelledHandshake() async throws {
        try await ScriptedServer.serving([.readBytes, .stall]) { server in
            try await withClient("https://127.0.0.1:\(server.port)/") { client in
                let task = Task { try await client.create() }
                _ = await server.nextRequest()
                task.cancel()
                let outcome = try await task.value
                #expect(outcome == .notSent(.cancelled, provably: true))
                // Else the client's shutdown would wait for the rest of the handshake.
                server.hangUp()
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
        let unknown = try await unknown(after: [.readRequest, .stall])
        #expect(unknown.reason == .timedOut)
    }

    @Test("the deadline holds for a body that drips")
    func givesUpDrip() async throws {
        let unknown = try await unknown(after: [
            .readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), .drip(every: .milliseconds(10)),
        ])
        #expect(unknown.reason == .truncatedAnswer)
        #expect(unknown.message.contains("timed_out"))
    }

    /// What becomes of a POST whose deadline passes when `script` has gone as far as it goes.
    private func unknown(after script: [ScriptedServer.Step]) async throws -> CreateUnknown {
        let wantsHead = script.count > 2
        return try await ScriptedServer.serving(script) { server in
            try await withClient(server.baseURL) { client in
                try await withGrowingTime { time in
                    guard case .unknown(let unknown) = try await client.create(deadline: time),
                        !wantsHead || unknown.status != nil
                    else { return nil }
                    return unknown
                }
            }
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
                #expect(ContinuousClock.now - started < .seconds(45))
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
