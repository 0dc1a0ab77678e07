import AmaraAPI
import AmaraSimulator
import Artifacts
import Foundation
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient
import TestDatabase
import Testing

/// What stands in a worker's way on its own side, with a whole worker.
@Suite("Obstacles on our side", .timeLimit(.minutes(2)))
struct ObstacleTests {
    private func provider(keys: Int = 2) -> ProviderConfiguration {
        var provider = ProviderConfiguration(keyCount: keys, orgs: 2, limit: 5, window: .seconds(3), seed: 5)
        provider.times = ProcessingTimes(all: .milliseconds(100) ... .milliseconds(300))
        return provider
    }

    /// Until the worker has renewed its lease: time enough for what came back to be claimed over and over.
    private func waitForBeat(_ mill: Mill) async throws {
        let lease = "SELECT max(lease_until)::text FROM meshmill.workers"
        let before = try await mill.text(lease)
        try await mill.wait { try await mill.text(lease) != before }
    }

    @Test("a prepared image that is gone fails its job as often as a job may fail, and the others go on")
    func lostInput() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<3)
            try await mill.submit()
            let key =
                "SELECT 'inputs/' || left(h, 2) || '/' || h || '.png' FROM (SELECT encode(input_sha256, 'hex') AS h"
            try FileManager.default.removeItem(
                atPath: mill.artifacts.root + "/"
                    + (try await mill.text("\(key) FROM meshmill.jobs WHERE id = 2) AS j"))
            )
            try await mill.work(1) { try await $0.counts() == [.completed: 2, .failed: 1] }
            #expect(try await mill.text("SELECT error_code FROM meshmill.jobs WHERE id = 2") == "input")
            #expect(try await mill.number("SELECT count(*) FROM meshmill.attempts WHERE job_id = 2") == 3)
            #expect(try await mill.violations() == [])
            // The cure that the message names.
            try await mill.submit()
            try await mill.work(1) { try await $0.counts() == [.completed: 3] }
        }
    }

    @Test("a worker without the folder of prepared images stops submitting, and fails nothing")
    func notMounted() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<5)
            try await mill.submit()
            let away = mill.artifacts.root + ".away"
            try FileManager.default.moveItem(atPath: mill.artifacts.root, toPath: away)
            try FileManager.default.createDirectory(atPath: mill.artifacts.root, withIntermediateDirectories: false)
            let log = CollectedLog()
            mill.logger = log.logger
            try await mill.withWorker("unmounted") { stop in
                try await mill.wait { log.warnings.contains { $0.contains("holds no inputs") } }
                try await mill.wait {
                    try await mill.number("SELECT count(*) FROM meshmill.jobs WHERE state = 'submitting'") == 0
                }
                let before = try await mill.number("SELECT count(*) FROM meshmill.attempts")
                try await waitForBeat(mill)
                #expect(try await mill.number("SELECT count(*) FROM meshmill.attempts") <= before + 1)
                stop.stop()
            }
            try FileManager.default.removeItem(atPath: mill.artifacts.root)
            try FileManager.default.moveItem(atPath: away, toPath: mill.artifacts.root)
            try await mill.work(1) { try await $0.counts() == [.completed: 5] }
            #expect(mill.simulator.report().posts == 5)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("a worker that cannot open secrets does not claim the same job over and over")
    func wrongMasterKey() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<1)
            try await mill.submit()
            mill.tokens = Tokens(secrets: KeySecrets(mill.client, masterKey: MasterKey()))
            try await mill.withWorker("stranger") { stop in
                try await mill.wait { try await mill.number("SELECT count(*) FROM meshmill.attempts") > 0 }
                try await waitForBeat(mill)
                #expect(try await mill.number("SELECT count(*) FROM meshmill.attempts") <= 2)
                stop.stop()
            }
            #expect(try await mill.violations() == [])
        }
    }

    @Test("a claim that was committed with a warning is not sent, and given back")
    func warnedClaim() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<2)
            try await mill.submit()
            // As the server warns when it was not let wait for its synchronous standby.
            _ = try await mill.number(
                """
                CREATE FUNCTION public.warn() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.id <= 2 THEN RAISE WARNING 'the transaction may not have been replicated'; END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER warns AFTER INSERT ON meshmill.attempts FOR EACH ROW EXECUTE FUNCTION public.warn()
                """
            )
            try await mill.work(1) { try await $0.counts() == [.completed: 2] }
            #expect(mill.simulator.report().posts == 2)
            let states = "SELECT string_agg(state::text, ' ' ORDER BY id) FROM meshmill.attempts WHERE id <= 2"
            #expect(try await mill.text(states).contains("unsent"))
            #expect(try await mill.violations() == [])
        }
    }

    @Test("an answer whose numbers the database refuses is recorded without them")
    func refusedNumbers() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<3)
            try await mill.submit()
            _ = try await mill.number("ALTER TABLE meshmill.orgs ADD CHECK (credits_reported IS NULL)")
            try await mill.work(1) { try await $0.counts() == [.completed: 3] }
            #expect(mill.simulator.report().posts == 3)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("an output that goes to another job while the GLB is fetched is not written")
    func outputTakenMeanwhile() async throws {
        try await Mill.with(provider(keys: 1)) { mill in
            try mill.paint(0..<1)
            try await mill.submit()
            _ = try await mill.number(
                """
                INSERT INTO meshmill.outputs (batch_id, output, job_id, source)
                SELECT batch_id, unnest(ARRAY['kept.glb', 'taken.glb']), job_id, source FROM meshmill.outputs
                """
            )
            // A secret is asked for once the download has begun.
            let secrets = Tokens(secrets: KeySecrets(mill.client, masterKey: mill.masterKey))
            let (client, taken) = (mill.client, "UPDATE meshmill.outputs SET job_id = 99 WHERE output = 'taken.glb'")
            mill.tokens = TokensThat(secrets) {
                _ = try await client.withConnection { connection in
                    try await connection.simpleQuery(
                        "\(taken) AND EXISTS (SELECT FROM meshmill.jobs WHERE state = 'downloading')"
                    )
                }
            }
            try await mill.work(1) { try await $0.counts() == [.completed: 1] }
            let files = try FileManager.default.contentsOfDirectory(atPath: mill.meshes.path)
            #expect(files.filter { $0.hasSuffix(".glb") }.sorted() == ["kept.glb", "picture 0.glb"])
            let published = "SELECT string_agg(output, ' ') FROM meshmill.outputs WHERE published_at IS NULL"
            #expect(try await mill.text(published) == "taken.glb")
        }
    }
}

/// Secrets that do something else before each is given.
private struct TokensThat: TokenSource {
    let tokens: Tokens
    let act: @Sendable () async throws -> Void

    init(_ tokens: Tokens, act: @escaping @Sendable () async throws -> Void) {
        self.tokens = tokens
        self.act = act
    }

    func token(ofKey keyID: Int64) async throws -> BearerToken {
        try await act()
        return try await tokens.token(ofKey: keyID)
    }
}
