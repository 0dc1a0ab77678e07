import Subprocess
import Testing

@Suite("Ctrl-C")
struct InterruptionTests {
    @Test("ends a command that waits with exit 75 and one line", arguments: [Signal.interrupt, .terminate])
    func endsWaiting(signal: Signal) async throws {
        try await Workplace.with { place async throws in
            try await place.sql(
                """
                INSERT INTO meshmill.batches (tenant_id, out) VALUES (1, '/out');
                INSERT INTO meshmill.jobs (batch_id, tenant_id, fingerprint, input_sha256, input_format)
                VALUES (1, 1, gen_random_uuid(), '\\x01', 'png')
                """
            )
            let result = try await Subprocess.run(
                .name("env"),
                arguments: [Workplace.program, "batches", "wait", "1"],
                environment: .custom(["PATH": "/usr/bin:/bin", "DATABASE_URL": place.databaseURL]),
                input: .none,
                output: .discarded,
                error: .sequence
            ) { execution in
                var lines: [String] = []
                for try await line in execution.standardError.strings() {
                    // The first line says how many are queued: from then on it waits.
                    if lines.isEmpty { try execution.send(signal: signal) }
                    lines.append(line)
                }
                return lines
            }
            #expect(Workplace.number(result.terminationStatus) == 75)
            #expect(result.closureResult == ["1 queued", "meshmill: interrupted; run the same command again to go on"])
        }
    }
}
