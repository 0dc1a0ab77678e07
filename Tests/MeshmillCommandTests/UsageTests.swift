import Testing

@Suite("The command line")
struct UsageTests {
    @Test("tells its version and its help on standard output")
    func helps() async throws {
        try await Workplace.with { place async throws in
            let version = try await place.run("--version")
            #expect(version.status == 0 && version.lines.count == 1 && version.messages.isEmpty)
            for arguments in [["--help"], ["help", "keys"], ["submit", "--help"], ["jobs", "--help"]] {
                let help = try await place.run(arguments, input: "", environment: [:])
                #expect(help.status == 0 && help.output.contains("USAGE:") && help.messages.isEmpty)
            }
        }
    }

    @Test(
        "says what is wrong with it in one line, exit 64",
        arguments: [
            ["nonsense"], ["keys", "import"], ["keys", "pause"], ["submit", "a.png"], ["submit", "--out", "x"],
            ["submit", "a.png", "--out", "x", "--mode", "quick"], ["submit", "a.png", "--out", "x", "--limit", "0"],
            ["submit", "a.png", "--out", "x", "--texture-size", "9"],
            ["submit", "a.png", "--manifest", "m.csv", "--out", "x"], ["batches", "wait", "x"],
            ["batches", "wait", "1", "--timeout", "soon"], ["jobs", "list", "--status", "lost"],
            ["settings", "set", "lease", "1s"], ["settings", "set", "colour", "1s"], ["simulator", "--keys", "0"],
            ["simulator", "--listen", "here"], ["keys", "set", "one"], ["keys", "add", "one", "--rate-window", "x"],
        ]
    )
    func refuses(arguments: [String]) async throws {
        try await Workplace.with { place async throws in
            let result = try await place.run(arguments, input: "", environment: [:])
            #expect(result.status == 64 && result.output.isEmpty)
            #expect(result.onlyMessage?.hasPrefix("meshmill: ") == true, "\(result.messages)")
        }
    }

    @Test(
        "says in one line that the environment cannot be used, exit 78",
        arguments: [
            ["LOG_LEVEL": "loud"], ["LOG_FORMAT": "xml"], ["MESHMILL_MASTER_KEY": "short"],
            ["MESHMILL_ARTIFACTS": "s3://bucket"], ["AMARA_API_KEYS": "sk hidden"],
            ["DATABASE_URL": "host=a=b c"],
        ]
    )
    func refusesEnvironment(environment: [String: String]) async throws {
        try await Workplace.with { place async throws in
            try place.write("a.png", [])
            // Asks for everything: database, artifact store, master key.
            for arguments in [["submit", "a.png", "--out", "x"], ["keys", "import", "-"]] {
                let result = try await place.run(arguments, input: "sk_a", environment: environment)
                if result.status == 78 {
                    #expect(result.onlyMessage?.hasPrefix("meshmill: ") == true, "\(result.messages)")
                    #expect(!result.messages.contains("hidden"))
                    return
                }
            }
            Issue.record("neither command refused \(environment)")
        }
    }

    @Test("says that the database cannot be reached, exit 69, without its password")
    func unreachable() async throws {
        try await Workplace.with { place async throws in
            let url = "postgresql://ada:hidden@127.0.0.1:1/mill"
            let result = try await place.run("status", environment: ["DATABASE_URL": url])
            #expect(result.status == 69)
            #expect(result.onlyMessage?.hasPrefix("meshmill: database: ") == true, "\(result.messages)")
            #expect(!result.messages.contains("hidden"))
        }
    }

    @Test("says that the database does not exist, exit 78")
    func missingDatabase() async throws {
        try await Workplace.with { place async throws in
            let url = place.databaseURL.replacing("dbname=", with: "dbname=no_")
            let result = try await place.run("status", environment: ["DATABASE_URL": url])
            #expect(result.status == 78 && result.onlyMessage != nil, "\(result.messages)")
        }
    }

    @Test("writes messages as JSON where LOG_FORMAT says so")
    func logsJSON() async throws {
        try await Workplace.with { place async throws in
            let result = try await place.run("keys", "import", "-", input: "sk_a", environment: ["LOG_FORMAT": "json"])
            #expect(JSON.object(result.messages)["level"] as? String == "notice")
        }
    }
}
