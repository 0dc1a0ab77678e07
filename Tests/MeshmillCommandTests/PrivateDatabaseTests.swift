import Foundation
import Testing

@Suite("Without a named database")
struct PrivateDatabaseTests {
    @Test("a command makes, migrates, uses and stops Meshmill's own, and the next one finds what it left")
    func usesItsOwn() async throws {
        try await Workplace.with { place async throws in
            let own = ["DATABASE_URL": ""]
            // Where the server's account can reach the home, run as root too, the data lies in it and goes with it.
            try FileManager.default.createDirectory(
                atPath: "\(place.folder)/home",
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o755]
            )
            let first = try await place.run("keys", "import", "-", input: "sk_a", environment: own)
            #expect(first.status == 0 && first.output == "key-\(first.name) added\n", "\(first.messages)")
            let both = try await withThrowingTaskGroup(of: CommandResult.self) { group in
                for _ in 0..<3 { group.addTask { try await place.run("keys", "list", "--json", environment: own) } }
                return try await group.reduce(into: [CommandResult]()) { $0.append($1) }
            }
            for result in both { #expect(JSON.objects(result.output).count == 1, "\(result.messages)") }
        }
    }
}

extension CommandResult {
    /// The key's name in `key-abcdef added`.
    fileprivate var name: String { String(output.dropFirst(4).prefix(6)) }
}
