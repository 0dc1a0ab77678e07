import Testing

@testable import AmaraAPI

/// What each answer of the provider to a POST becomes.
@Suite(.timeLimit(.minutes(1))) struct CreateAnswerTests {
    private func outcome(_ script: [ScriptedServer.Step]) async throws -> CreateOutcome {
        try await ScriptedServer.serving([.readRequest] + script) { server in
            try await withClient(server.baseURL) { try await $0.create() }
        }
    }

    @Test("the reference's create answer is accepted with its counters")
    func acceptsReferenceAnswer() async throws {
        let body = """
            {"generation_id": "550e8400-e29b-41d4-a716-446655440000", "status": "processing",
             "message": "Generation started.", "credits_used": 1, "credits_remaining": 99,
             "key_monthly_used": 45, "key_monthly_limit": 100}
            """
        #expect(
            try await outcome([ScriptedServer.answer(200, body)])
                == .accepted(
                    CreateAccepted(
                        generationID: "550e8400-e29b-41d4-a716-446655440000",
                        creditsUsed: 1,
                        creditsRemaining: 99,
                        keyMonthlyUsed: 45,
                        keyMonthlyLimit: 100
                    )
                )
        )
    }

    @Test("a key without a monthly limit has no monthly counters")
    func acceptsWithoutMonthlyCounters() async throws {
        #expect(
            try await outcome([ScriptedServer.answer(200, #"{"generation_id":"g","credits_used":"1"}"#)])
                == .accepted(CreateAccepted(generationID: "g", creditsUsed: 1))
        )
    }

    @Test(
        "each documented refusal has its own kind",
        arguments: [
            (400, "IMAGE_VALIDATION_ERROR", RefusalKind.imageInvalid),
            (400, "SOMETHING_NEW", .badRequest),
            (401, "", .unauthorized),
            (402, "BILLING_ERROR", .orgOutOfCredits),
            (402, "KEY_LIMIT_EXCEEDED", .keyLimitExceeded),
            (402, "CREDIT_ERROR", .creditError),
            (402, "SOMETHING_NEW", .paymentRequired),
            (403, "", .forbidden),
            (404, "", .endpointMissing),
            (408, "", .requestTimeout),
            (413, "", .payloadTooLarge),
            (422, "", .badRequest),
            (429, "RATE_LIMIT_EXCEEDED", .rateLimited),
            (503, "BACKEND_TIMEOUT", .backendTimeout),
            (503, "BACKEND_ERROR", .backendError),
            (503, "", .backendError),
        ]
    )
    func sortsRefusals(status: Int, code: String, kind: RefusalKind) async throws {
        let outcome = try await outcome([ScriptedServer.answer(status, #"{"error":"No","code":"\#(code)"}"#)])
        #expect(
            outcome
                == .refused(
                    CreateRefusal(
                        kind: kind,
                        status: status,
                        code: code.isEmpty ? nil : ErrorCode(rawValue: code),
                        message: "No"
                    )
                )
        )
    }

    @Test("a 429 brings the provider's count and its wait")
    func readsRateLimit() async throws {
        let body = """
            {"error": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED",
             "rate_limit": {"limit": 5, "used": 5, "remaining": 0, "retry_after_seconds": 847}}
            """
        let outcome = try await outcome([ScriptedServer.answer(429, body, headers: "Retry-After: 3\r\n")])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.retryAfter == 847)
        #expect(refusal.rateLimit == .init(limit: 5, used: 5, remaining: 0))
    }

    @Test(
        "a wait is passed on as sent, from the body or else the header, and is nil without a number",
        arguments: [
            (#"{"rate_limit":{"retry_after_seconds":-1}}"#, "", -1.0),
            (#"{"rate_limit":{"retry_after_seconds":1e9}}"#, "", 1e9),
            (#"{"rate_limit":{"retry_after_seconds":"12.5"}}"#, "", 12.5),
            (#"{"rate_limit":{"retry_after_seconds":"soon"}}"#, "", nil),
            (#"{"rate_limit":{"retry_after_seconds":NaN}}"#, "", nil),
            (#"{"rate_limit":{"retry_after_seconds":null}}"#, "Retry-After: 7\r\n", 7),
            (#"{"rate_limit":"busy"}"#, "Retry-After: 8\r\n", 8),
            ("", "Retry-After: 9\r\n", 9),
            ("<html>", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", nil),
            ("", "", nil),
        ] as [(String, String, Double?)]
    )
    func readsWait(body: String, header: String, wait: Double?) async throws {
        let outcome = try await outcome([ScriptedServer.answer(429, body, headers: header)])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.kind == .rateLimited)
        #expect(refusal.retryAfter == wait)
    }

    @Test("a 402 brings what was needed and what is left")
    func readsCredits() async throws {
        let body = #"{"error":"No","code":"BILLING_ERROR","credits_required":1,"credits_remaining":0}"#
        let outcome = try await outcome([ScriptedServer.answer(402, body)])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.creditsRequired == 1)
        #expect(refusal.creditsRemaining == 0)
    }

    @Test("a refund is true, false, or unsaid", arguments: [("true", true), ("false", false), ("null", nil)])
    func readsRefund(text: String, refunded: Bool?) async throws {
        let body = #"{"error":"Busy","code":"BACKEND_ERROR","credits_refunded":\#(text)}"#
        let outcome = try await outcome([ScriptedServer.answer(503, body)])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.creditsRefunded == refunded)
    }

    @Test("a 400 says the provider's limits")
    func saysLimits() async throws {
        let body = """
            {"error": "Image too large: 5.2MB.", "code": "IMAGE_VALIDATION_ERROR",
             "limits": {"max_size_mb": 3, "supported_formats": ["PNG", "JPEG", "WebP"]}}
            """
        let outcome = try await outcome([ScriptedServer.answer(400, body)])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.message == "Image too large: 5.2MB. (limits: at most 3.0 MB; PNG, JPEG, WebP)")
    }

    @Test(
        "a 5xx other than 503 leaves the outcome unknown",
        arguments: [500, 501, 502, 504, 520, 524]
    )
    func keepsServerErrorsUnknown(status: Int) async throws {
        let outcome = try await outcome([ScriptedServer.answer(status, "<h1>Bad gateway</h1>")])
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason == .serverError)
        #expect(unknown.status == status)
    }

    @Test(
        "a 200 that names no usable generation leaves the outcome unknown",
        arguments: [
            "", "<html>OK</html>", #"{"generation_id":"g"#, "[]", "null", "{}", #"{"generation_id":42}"#,
            #"{"generation_id":""}"#, #"{"generation_id":"../../etc"}"#, #"{"generation_id":"a b"}"#,
        ]
    )
    func keepsMalformedUnknown(body: String) async throws {
        let outcome = try await outcome([ScriptedServer.answer(200, body)])
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason == .malformedAnswer)
    }

    @Test("duplicate keys and unknown fields do no harm")
    func toleratesOddFields() async throws {
        let body = #"{"generation_id":"g","x":{"y":[1,2]},"credits_used":1,"credits_used":1,"status":7}"#
        #expect(
            try await outcome([ScriptedServer.answer(200, body)])
                == .accepted(CreateAccepted(generationID: "g", creditsUsed: 1))
        )
    }

    @Test("a 200 whose body breaks off leaves the outcome unknown")
    func keepsTruncatedUnknown() async throws {
        let outcome = try await outcome([.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"generation_id\"")])
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason == .truncatedAnswer)
    }

    @Test("a refusal stays one when its body breaks off")
    func keepsRefusalWithoutBody() async throws {
        let outcome = try await outcome([.send("HTTP/1.1 429 Slow\r\nContent-Length: 99\r\nRetry-After: 5\r\n\r\n{")])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.kind == .rateLimited)
        #expect(refusal.retryAfter == 5)
    }

    @Test("FAULTS 22, THREAT 6: ten megabytes of error are not read, and the status still counts")
    func capsErrors() async throws {
        let big = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
        let outcome = try await outcome([
            .send("HTTP/1.1 503 Busy\r\nContent-Length: \(big.count)\r\n\r\n"), .sendBytes(big),
        ])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.kind == .backendError)
    }

    @Test("ten megabytes of success leave the outcome unknown")
    func capsSuccess() async throws {
        let big = [UInt8](repeating: UInt8(ascii: " "), count: 10 << 20)
        let outcome = try await outcome([
            .send("HTTP/1.1 200 OK\r\nContent-Length: \(big.count)\r\n\r\n"), .sendBytes(big),
        ])
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason == .malformedAnswer, "\(unknown.message)")
    }

    @Test("hostile words lose their controls and their length")
    func cleansWords() async throws {
        let long = String(repeating: "a", count: 5_000)
        let body = #"{"error":"bad\u0000\u001b[31m\u202eimage\r\n\#(long)","code":"\u001bX\n"}"#
        let outcome = try await outcome([ScriptedServer.answer(400, body)])
        guard case .refused(let refusal) = outcome else { throw Unexpected(outcome) }
        #expect(refusal.message.hasPrefix("bad [31mimage aaa"))
        #expect(refusal.message.unicodeScalars.count <= CleanedText.maximumLength + 1)
        #expect(refusal.code?.rawValue == "X")
    }
}
