import Foundation
import Testing

@testable import meshmill

@Suite("meshmill ledger")
struct LedgerCommandTests {
    /// Two keys, a batch with a hostile name, 3 credits of one key and 1 of the other, of which 1 came back.
    private func withEntries(_ body: (Workplace) async throws -> Void) async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: "secret,name,org\nsk_a,k1,acme\nsk_b,k2,acme\n")
            try await place.sql(
                """
                INSERT INTO meshmill.batches (tenant_id, out) VALUES (1, '=cmd(),"x"');
                INSERT INTO meshmill.ledger (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period, at)
                SELECT k.kind::meshmill.ledger_kind, i, 1, CASE WHEN i = 4 THEN 2 ELSE 1 END, 1, 1, 1, '2030-05-01',
                    '2030-05-01 23:00Z'::timestamptz + i * interval '30 minutes'
                FROM generate_series(1, 4) AS i,
                    (VALUES ('reserve'), ('charge'), ('refund')) AS k (kind)
                WHERE k.kind <> 'refund' OR i = 3;
                INSERT INTO meshmill.ledger (kind, observation_id, amount, org_id, period, at)
                VALUES ('external', gen_random_uuid(), 5, 1, '2030-05-01', '2030-05-03');
                """
            )
            try await body(place)
        }
    }

    @Test("adds up by key, tenant, batch and day")
    func totals() async throws {
        try await withEntries { place async throws in
            func rows(_ arguments: String...) async throws -> [String] {
                JSON.objects(try await place.run(["ledger", "--json"] + arguments, input: "", environment: [:]).output)
                    .map { row in
                        ["key", "tenant", "batch_id", "day"].compactMap { row[$0] }.map { "\($0)" }.joined()
                            + " \(row["spent"] ?? "") \(row["external"] ?? "")"
                    }
            }
            #expect(try await rows() == ["k1 2 0", "k2 1 0", "<null> 0 5"])
            #expect(try await rows("--by", "tenant") == ["default 3 0", "<null> 0 5"])
            #expect(try await rows("--by", "batch") == ["1 3 0", "<null> 0 5"])
            #expect(try await rows("--by", "day") == ["2030-05-01 1 0", "2030-05-02 2 0", "2030-05-03 0 5"])
            #expect(
                try await rows("--by", "day", "--since", "2030-05-02", "--until", "2030-05-02T00:45:00Z")
                    == ["2030-05-02 1 0"]
            )
            let table = try await place.run("ledger")
            #expect(table.lines.count == 4 && table.lines[0].hasPrefix("KEY  ORG"))
        }
    }

    @Test("THREAT 9: a spreadsheet finds text in every cell, never a formula")
    func neutralised() async throws {
        try await withEntries { place async throws in
            let csv = try await place.run("ledger", "--by", "batch", "--csv").output
            #expect(csv.hasPrefix("batch_id,out,spent,charged,refunded,external,adjusted,posts\r\n"))
            #expect(csv.contains("1,\"'=cmd(),\"\"x\"\"\",3,4,1,0,0,4\r\n"))
        }
        #expect(CSV.line([.string("@x"), .string("a\u{1B}b"), .int(-3), .null, .string("+1")]).hasPrefix("'@x,"))
        #expect(!CSV.line([.string("a\u{1B}b\nc")]).dropLast(2).contains { $0 == "\u{1B}" || $0 == "\n" })
        #expect(CSV.line([.int(-3), .null]) == "-3,\r\n")
    }

    @Test("exports every entry as CSV and as JSON Lines")
    func exports() async throws {
        try await withEntries { place async throws in
            #expect(try await place.run("ledger", "--export", "all.jsonl").status == 0)
            #expect(try await place.run("ledger", "--export", "some.csv", "--since", "2030-05-02").status == 0)
            let lines = try String(contentsOfFile: "\(place.folder)/all.jsonl", encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 10)
            let first = JSON.object(String(lines[0]))
            #expect(first["kind"] as? String == "reserve" && first["key"] as? String == "k1")
            #expect(first["at"] as? String == "2030-05-01T23:30:00.000000Z")
            let csv = try String(contentsOfFile: "\(place.folder)/some.csv", encoding: .utf8)
            #expect(csv.split(separator: "\r\n").count == 9)
            #expect(try await place.run("ledger", "--export", "missing/all.csv").status == 74)
            #expect(try await place.run("ledger", "--export", "all.txt").status == 64)
        }
    }

    @Test("shows our books beside the provider's")
    func drift() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: "secret,name,org\nsk_a,k1,acme\n")
            #expect(try await place.run("ledger", "--drift").output.hasPrefix("the provider has not reported"))
            try await place.sql(
                """
                UPDATE meshmill.keys SET monthly_used = 2, provider_monthly_used = 7, monthly_outside = 4;
                INSERT INTO meshmill.drifts (org_id, key_id, amount, found) VALUES (1, 1, 4, 4);
                """
            )
            let row = try #require(JSON.objects(try await place.run("ledger", "--drift", "--json").output).first)
            #expect(row["key"] as? String == "k1" && row["gap"] as? Int == 1 && row["unbooked"] as? Int == 4)
            #expect((row["advice"] as? String)?.contains("reserve_slots") == true)
            #expect(try await place.run("ledger", "--drift", "--since", "2030-01-01").status == 64)
        }
    }
}
