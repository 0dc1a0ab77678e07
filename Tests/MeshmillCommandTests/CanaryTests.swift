import Foundation
import PostgresClient
import Subprocess
import Testing

@Suite("A secret that must not show")
struct CanaryTests {
    /// Every byte that Base64 or a URL would write otherwise.
    private let canary = "sk_canary/7+q=%Zebra&x"
    private let other = "sk_canary/8+q=%Zebra&y"

    /// The secret as it is, and as others might write it.
    private var forms: [String] {
        [canary, other].flatMap { secret in
            let base64 = Data(secret.utf8).base64EncodedString()
            // In the middle of other bytes Base64 looks different: the part that does not depend on what surrounds it.
            let shifted = ["a", "ab"].map { Data(($0 + secret).utf8).base64EncodedString().dropFirst(4).dropLast(4) }
            let url = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret
            let path = secret.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? secret
            let json = secret.replacing("/", with: "\\/")
            let hex = secret.utf8.map { String($0, radix: 16) }.joined()
            return [secret, String(base64.dropLast(4)), url, path, json, hex] + shifted.map(String.init)
        }
    }

    private func expectNone(_ text: String, _ place: String) {
        for form in forms where text.localizedStandardContains(form) {
            Issue.record("\(place) shows a secret: \(form)")
        }
    }

    @Test("THREAT 13: is in no output, message, error, log, export, view, process list, statement, server log or dump")
    func isNowhere() async throws {
        try await Workplace.with { place async throws in
            let name = try #require(try await place.sql("SELECT current_database()").first)
            // The server logs every statement with its parameters, and the client everything it does.
            try await place.sql("ALTER DATABASE \(name) SET log_statement = 'all'")
            try await place.sql("ALTER DATABASE \(name) SET log_min_duration_statement = 0")
            let loud = ["LOG_LEVEL": "trace"]
            var runs: [CommandResult] = []
            func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws {
                let result = try await place.run(arguments, input: input, environment: loud.merging(environment) { $1 })
                runs.append(result)
            }
            try await run("keys", "add", "one", "--org", "studio", input: canary + "\n")
            try await run("keys", "add", "two", input: canary + "\n")
            try await run("keys", "add", "one", input: other + " and more\n")
            try await run("keys", "import", "-", input: "secret,rate_limit\n\(other),0\n")
            try await run("keys", "import", "-", input: "secret,name\n\(canary),one\n\(canary),two\n")
            try await run("keys", "rotate", "two", input: other)
            try await run("keys", "rotate", "two", input: canary)
            try await run("keys", "rotate", "no", input: other)
            try await run("keys", "list", "--json")
            try await run("keys", "show", "two")
            try await run("keys", "rewrap", "--yes")
            try await run("status", "--json", environment: ["AMARA_API_KEYS": "\(canary),\(other)"])
            try await run("log", "--json")
            try place.write("a.png", "no image".utf8)
            // Refused before anything is sent: nobody listens there.
            try await run(
                "run",
                "a.png",
                "--out",
                "meshes",
                environment: ["AMARA_API_KEYS": canary, "AMARA_API_URL": "http://127.0.0.1:9"]
            )
            try await run("jobs", "export", "--batch", "1")
            #expect(runs[0].status == 0, "\(runs[0].messages)")
            for (index, result) in runs.enumerated() {
                expectNone(result.output + result.messages, "command \(index)")
            }
            let views = try await place.sql(
                "SELECT relname FROM pg_class WHERE relnamespace = 'ops'::regnamespace AND relkind = 'v'"
            )
            for view in views {
                expectNone(try await place.sql("SELECT v::text FROM ops.\(view) AS v").joined(separator: "\n"), view)
            }
            expectNone(try await place.sql("SELECT query FROM pg_stat_activity").joined(), "pg_stat_activity")
            for table in try await place.sql(
                "SELECT relname FROM pg_class WHERE relnamespace = 'meshmill'::regnamespace AND relkind = 'r'"
            ) {
                let rows = try await place.sql("SELECT t::text FROM meshmill.\(table) AS t").joined(separator: "\n")
                expectNone(rows, "a dump of \(table)")
            }
            expectNone(try await serverLog(place), "the server's log")
        }
    }

    @Test("is not in the process list while a command reads it")
    func isNotInTheProcessList() async throws {
        try await Workplace.with { place async throws in
            async let command = place.run("keys", "add", "one", input: canary)
            var seen = ""
            for _ in 0..<5 {
                let list = try await Subprocess.run(
                    .name("ps"),
                    arguments: ["-eo", "args"],
                    input: .none,
                    output: .string(limit: 4 << 20),
                    error: .discarded
                )
                seen += list.standardOutput
            }
            _ = try await command
            expectNone(seen, "ps")
        }
    }

    /// What the server wrote where it logs to a file that it lets be read; otherwise nothing.
    private func serverLog(_ place: Workplace) async throws -> String {
        let files = try await place.sql(
            """
            SELECT current_setting('data_directory') || '/../' || f FROM (VALUES ('postgres.log'), ('server.log')) AS v (f)
            UNION ALL SELECT pg_current_logfile()
            """
        )
        var text = ""
        for file in files where !file.isEmpty {
            text += (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        }
        return text
    }
}
