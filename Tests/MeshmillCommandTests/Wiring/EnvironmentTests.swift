import MeshmillCore
import Testing

@testable import meshmill

@Suite("The environment")
struct EnvironmentTests {
    private func environment(_ variables: [String: String]) throws -> meshmill.Environment {
        try meshmill.Environment(variables, workingDirectory: "/work dir")
    }

    @Test("without a word means a private database and everything under .meshmill")
    func defaults() throws {
        let environment = try environment([:])
        guard case .own = environment.database else { throw Failure(.internalError, "not its own") }
        guard case .file("/work dir/.meshmill/master.key") = environment.masterKey else {
            throw Failure(.internalError, "another master key")
        }
        #expect(environment.home == "/work dir/.meshmill")
        #expect(environment.defaultArtifactURL == "file:///work%20dir/.meshmill/artifacts")
        #expect(environment.apiURL == nil && environment.apiKeys.isEmpty && environment.artifactURL == nil)
        #expect(!environment.actor.isEmpty)
    }

    @Test(
        "names the database by DATABASE_URL, else by libpq's own variables; what is empty does not count",
        arguments: [
            (["DATABASE_URL": "postgresql:///x", "PGHOST": "h"], "postgresql:///x"), (["PGHOST": "h"], ""),
            (["PGSERVICE": "s"], ""), (["PGHOSTADDR": "::1", "DATABASE_URL": ""], ""),
        ]
    )
    func database(variables: [String: String], connectionString: String) throws {
        guard case .named(let string) = try environment(variables).database else {
            throw Failure(.internalError, "not named")
        }
        #expect(string == connectionString)
    }

    @Test("makes a relative artifact store absolute, and leaves an address alone")
    func artifacts() throws {
        #expect(try environment(["MESHMILL_ARTIFACTS": "file:store"]).artifactURL == "file:///work%20dir/store")
        #expect(try environment(["MESHMILL_ARTIFACTS": "/a/b"]).artifactURL == "file:///a/b")
        #expect(try environment(["MESHMILL_ARTIFACTS": "file:///x"]).artifactURL == "file:///x")
    }

    @Test("takes a crash point, and refuses one that there is not", arguments: ["after-claim", "before-hand-over:12"])
    func crashPoints(plan: String) throws {
        _ = try environment(["MESHMILL_CRASH_AT": plan])
        for wrong in ["after-clam", plan + ":", "after-claim:0", "after-claim:x"] {
            let failure = #expect(throws: Failure.self) { try environment(["MESHMILL_CRASH_AT": wrong]) }
            #expect(failure?.exit == .configuration && failure?.description.contains("after-claim") == true)
        }
    }

    @Test("separates keys by commas, forgives white space, and takes each once")
    func keys() throws {
        let keys = try environment(["AMARA_API_KEYS": " sk_a, sk_b ,,sk_a\n"]).apiKeys
        #expect(keys.map(\.exposed) == ["sk_a", "sk_b"])
        let failure = #expect(throws: Failure.self) { try environment(["AMARA_API_KEYS": "sk_a,sk hidden"]) }
        #expect(failure?.exit == .configuration && failure?.description.contains("hidden") == false)
    }
}
