import Testing

@testable import AmaraAPI

/// What each answer of the provider to a poll becomes.
@Suite(.timeLimit(.minutes(1))) struct StatusTests {
    private func outcome(_ script: [ScriptedServer.Step]) async throws -> StatusOutcome {
        try await ScriptedServer.serving([.readRequest] + script) { server in
            try await withClient(server.baseURL) { try await $0.status() }
        }
    }

    private func outcome(_ body: String) async throws -> StatusOutcome {
        try await outcome([ScriptedServer.answer(200, body)])
    }

    @Test("the reference's four statuses are read")
    func readsReferenceAnswers() async throws {
        #expect(
            try await outcome(#"{"generation_id":"g-1","status":"queued","queue_position":5,"total_in_queue":8}"#)
                == .queued(position: 5, total: 8)
        )
        #expect(
            try await outcome(
                #"{"generation_id":"g-1","status":"processing","progress":45,"current_step":"Generating mesh","#
                    + #""queue_position":1,"total_in_queue":3}"#
            )
                == .processing(progress: 45, step: "Generating mesh", position: 1)
        )
        #expect(
            try await outcome(
                #"{"generation_id":"g-1","status":"completed","glb_url":"https://h/a.glb","#
                    + #""thumbnail_url":"https://h/a.png","asset_name":"generated_asset_001","expires_in":3600}"#
            )
                == .completed(
                    CompletedGeneration(
                        glbURL: "https://h/a.glb",
                        thumbnailURL: "https://h/a.png",
                        assetName: "generated_asset_001",
                        expiresIn: 3_600
                    )
                )
        )
        #expect(
            try await outcome(
                #"{"generation_id":"g-1","status":"failed","error":"Generation failed","credits_refunded":true}"#
            )
                == .failed(error: "Generation failed", creditsRefunded: true)
        )
    }

    @Test(
        "FAULTS 23: absurd progress is clamped, and is nil when it is no number",
        arguments: [
            ("-3", 0), ("1e300", 100), ("20.5", 20.5), (#""45""#, 45), ("NaN", nil), ("Infinity", 100), ("null", nil),
            ("[]", nil), (#""half""#, nil),
        ] as [(String, Double?)]
    )
    func clampsProgress(text: String, progress: Double?) async throws {
        #expect(
            try await outcome(#"{"status":"processing","progress":\#(text),"queue_position":null}"#)
                == .processing(progress: progress, step: nil, position: nil)
        )
    }

    @Test("a completed generation needs no URL, and odd ones are dropped rather than repaired")
    func dropsOddURLs() async throws {
        let body = #"{"status":"completed","glb_url":"https://h/a b\n","thumbnail_url":7,"asset_name":"..\/\u202ex"}"#
        #expect(
            try await outcome(body)
                == .completed(
                    CompletedGeneration(glbURL: nil, thumbnailURL: nil, assetName: "../x", expiresIn: nil)
                )
        )
    }

    @Test(
        "each status code has its meaning",
        arguments: [
            (401, StatusOutcome.unauthorized), (403, .forbidden), (404, .notFound), (410, .notFound),
            (408, .serverError(status: 408)), (500, .serverError(status: 500)), (503, .serverError(status: 503)),
            (524, .serverError(status: 524)), (429, .throttled(retryAfter: nil)),
        ]
    )
    func sortsStatuses(status: Int, expected: StatusOutcome) async throws {
        #expect(try await outcome([ScriptedServer.answer(status, "<html>")]) == expected)
    }

    @Test("a throttled poll brings its wait")
    func readsWait() async throws {
        #expect(
            try await outcome([ScriptedServer.answer(429, "", headers: "Retry-After: 15\r\n")])
                == .throttled(retryAfter: 15)
        )
    }

    @Test(
        "an answer that makes no sense is a protocol error",
        arguments: [
            "", "<html>", "[]", "{}", #"{"status":"queued""#, #"{"status":"dancing"}"#, #"{"status":7}"#,
            #"{"status":"completed","generation_id":"g-2"}"#,
        ]
    )
    func refusesNonsense(body: String) async throws {
        let outcome = try await outcome(body)
        guard case .protocolError = outcome else { throw Unexpected(outcome) }
    }

    @Test("a status with no row of its own, a redirect too, is a protocol error", arguments: [204, 302, 400, 402])
    func refusesOtherStatuses(status: Int) async throws {
        let outcome = try await outcome([
            ScriptedServer.answer(status, status == 204 ? "" : "{}", headers: "Location: http://127.0.0.1:9/\r\n")
        ])
        guard case .protocolError = outcome else { throw Unexpected(outcome) }
    }

    @Test("a body above the limit is a protocol error")
    func capsBody() async throws {
        let outcome = try await outcome([
            .send("HTTP/1.1 200 OK\r\n\r\n"), .sendBytes([UInt8](repeating: 0x20, count: 2 << 20)),
        ])
        guard case .protocolError = outcome else { throw Unexpected(outcome) }
    }

    @Test("a connection that ends early, in the head or the body, is the network's")
    func saysConnectionLost() async throws {
        #expect(try await outcome([]) == .network(.connectionLost))
        #expect(
            try await outcome([.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")]) == .network(.connectionLost)
        )
    }

    @Test("the timeout holds for a head that does not come and for a body that drips")
    func timesOut() async throws {
        let drip: [ScriptedServer.Step] = [
            .readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), .drip(every: .milliseconds(10)),
        ]
        try await ScriptedServer.serving([.readRequest, .stall], drip) { server in
            try await withClient(server.baseURL) { client in
                for _ in 0..<2 {
                    let outcome = try await client.status(timeout: .milliseconds(200))
                    #expect(outcome == .network(.timedOut))
                }
            }
        }
    }

    @Test("a poll carries the token and an encoded id, and polls share a connection")
    func sendsPoll() async throws {
        let answer = ScriptedServer.answer(200, #"{"status":"queued"}"#)
        try await ScriptedServer.serving([.readRequest, answer, .readRequest, answer]) { server in
            try await withClient(server.baseURL + "?tenant=a") { client in
                _ = try await client.status(of: "a:b/c&d=ü")
                _ = try await client.status(of: "g")
            }
            let first = try #require(await server.nextRequest())
            #expect(first.hasPrefix("GET /meshgen-api?tenant=a&id=a%3Ab%2Fc%26d%3D%C3%BC HTTP/1.1\r\n"))
            #expect(first.contains("Authorization: Bearer \(canary)\r\n"))
            #expect(server.connections == 1)
        }
    }

    @Test("cancelling a poll ends it at once")
    func cancels() async throws {
        try await ScriptedServer.serving([.readRequest, .stall]) { server in
            try await withClient(server.baseURL) { client in
                let task = Task { try await client.status() }
                _ = await server.nextRequest()
                task.cancel()
                let outcome = try await task.value
                #expect(outcome == .network(.cancelled))
            }
        }
    }
}
