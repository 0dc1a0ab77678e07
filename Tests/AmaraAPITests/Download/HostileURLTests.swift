import Testing

@testable import AmaraAPI

/// Where a URL that the provider names may lead, and what goes along.
@Suite(.timeLimit(.minutes(1))) struct HostileURLTests {
    /// The error of a download of `url` by a client of `baseURL`, or `nil` if it worked.
    private func failure(
        _ url: String,
        baseURL: String,
        adjust: (inout AmaraClientConfiguration) -> Void = { _ in }
    ) async throws -> AmaraError? {
        let token = try canaryToken()
        return try await withClient(baseURL, adjust: adjust) { client in
            do throws(AmaraError) {
                _ = try await client.download(url: url, token: token, limits: .thumbnail, into: { _ in })
                return nil
            } catch {
                return error
            }
        }
    }

    @Test(
        "THREAT 2: a URL that is not plainly https on a public host is refused before anything is sent",
        arguments: [
            "http://files.example/a.glb", "file:///etc/passwd", "ftp://files.example/", "gopher://x/", "//x/y", "", "x",
            "https://", "https:///a", "unix:///run/x.sock", "http+unix://%2Frun%2Fx.sock/", "https+unix://%2Frun%2Fx/",
            "https://user:password@files.example/", "https://user@files.example/", "https://files.example/a b",
            "https://127.0.0.1/", "https://localhost/", "https://LOCALHOST./", "https://10.1.2.3/",
            "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
            "https://100.64.0.1/", "https://0.0.0.0/", "https://255.255.255.255/", "https://[::1]/", "https://[::]/",
            "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://[fe80::1]/", "https://[fc00::1]/",
            "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[ff02::1]/",
        ]
    )
    func refusesURL(url: String) async throws {
        let error = try await failure(url, baseURL: "https://api.example/meshgen-api")
        #expect(error?.code == .forbiddenURL)
    }

    @Test("a refusal does not repeat the URL, whose query may be a credential")
    func hidesURL() async throws {
        let error = try await failure("http://files.example/a?sig=\(canary)", baseURL: "https://api.example/")
        #expect(error?.description.contains(canary) == false)
    }

    @Test(
        "THREAT 2: a host that is no literal address is judged by the address it connects to",
        arguments: ["127.1", "2130706433", "0x7f.1", "0177.0.0.1"]
    )
    func refusesByConnectedAddress(host: String) async throws {
        try await ScriptedServer.serving([.readRequest, ScriptedServer.answer(200, "secret")]) { server in
            let error = try await failure("http://\(host):\(server.port)/a.glb", baseURL: "http://127.0.0.1:9/")
            #expect(error?.code == .forbiddenURL)
        }
    }

    @Test("hosts outside the allow-list are refused")
    func keepsAllowList() async throws {
        let error = try await failure("https://other.invalid/", baseURL: "https://api.example/") {
            $0.resultHosts = ["files.example"]
        }
        #expect(error?.code == .forbiddenURL)
        let allowed = try await failure("https://files.invalid/", baseURL: "https://api.example/") {
            $0.resultHosts = ["files.invalid"]
        }
        #expect(allowed?.code == .network)
    }

    @Test("THREAT 1: the token goes to the API's own origin, not to another port of its host")
    func keepsTokenAtOrigin() async throws {
        let ok = ScriptedServer.answer(200, "x")
        try await ScriptedServer.serving([.readRequest, ok]) { api in
            #expect(try await failure("http://127.0.0.1:\(api.port)/a.glb", baseURL: api.baseURL) == nil)
            #expect(await api.nextRequest()?.contains(canary) == true)
            try await ScriptedServer.serving([.readRequest, ok]) { other in
                let error = try await failure("http://127.0.0.1:\(other.port)/a.glb", baseURL: api.baseURL)
                #expect(error == nil)
                #expect(await other.nextRequest()?.lowercased().contains("authorization") == false)
            }
        }
    }

    @Test(
        "LESSON 12, THREAT 1: a redirect to another origin is followed without the token, one to the same origin with it"
    )
    func dropsTokenOnRedirect() async throws {
        try await ScriptedServer.serving([.readRequest, ScriptedServer.answer(200, "x")]) { other in
            try await ScriptedServer.serving(
                [
                    .readRequest,
                    ScriptedServer.answer(302, "", headers: "Connection: close\r\nLocation: /moved?id=1\r\n"),
                ],
                [
                    .readRequest,
                    ScriptedServer.answer(302, "", headers: "Location: http://127.0.0.1:\(other.port)/b\r\n"),
                ]
            ) { api in
                let error = try await failure(api.baseURL, baseURL: api.baseURL)
                #expect(error == nil)
                #expect(await api.nextRequest()?.contains(canary) == true)
                let second = await api.nextRequest()
                #expect(second?.hasPrefix("GET /moved?id=1 ") == true)
                #expect(second?.contains(canary) == true)
                let third = await other.nextRequest()
                #expect(third?.hasPrefix("GET /b ") == true)
                #expect(third?.lowercased().contains("authorization") == false)
            }
        }
    }

    @Test(
        "a redirect to a forbidden place, to nowhere, or round in circles is refused",
        arguments: [
            "Location: http://localhost:9/\r\n", "Location: https://169.254.169.254/\r\n", "Location: file:///x\r\n",
            "",
            "Location: \r\n", "Location: /again\r\n",
        ]
    )
    func refusesRedirect(header: String) async throws {
        try await ScriptedServer.serving([
            .readRequest, ScriptedServer.answer(302, "", headers: "Connection: close\r\n" + header),
        ]) { api in
            let error = try await failure(api.baseURL, baseURL: api.baseURL)
            #expect(error?.code == .forbiddenRedirect)
            #expect(api.connections <= 4)
        }
    }
}
