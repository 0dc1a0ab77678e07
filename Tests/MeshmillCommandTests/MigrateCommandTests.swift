import Testing

@Suite("meshmill migrate")
struct MigrateCommandTests {
    @Test("brings an empty database up to date, and a second time does nothing")
    func migrates() async throws {
        try await Workplace.with(isMigrated: false) { place async throws in
            let rehearsal = try await place.run("migrate", "--dry-run")
            #expect(rehearsal.status == 0 && rehearsal.lines.first?.hasPrefix("would apply 0001_") == true)
            let first = try await place.run("migrate")
            #expect(first.status == 0 && first.lines.count == rehearsal.lines.count)
            let second = try await place.run("migrate", "--json")
            #expect(second.output == "{\"applied\":[]}\n")
        }
    }

    @Test("is what another command does on an empty database by itself")
    func happensByItself() async throws {
        try await Workplace.with(isMigrated: false) { place async throws in
            let result = try await place.run("status", "--json")
            #expect(result.status == 0, "\(result.messages)")
        }
    }

    @Test("is asked for where the database holds something else, or too little, exit 78")
    func isAskedFor() async throws {
        try await Workplace.with(isMigrated: false) { place async throws in
            try await place.sql("CREATE TABLE photos (id int)")
            let foreign = try await place.run("status")
            #expect(foreign.status == 78 && foreign.onlyMessage?.contains("run: meshmill migrate") == true)
            #expect(try await place.run("migrate").status == 0)
            try await place.sql("DELETE FROM meshmill.migrations WHERE name LIKE '0007%'")
            let behind = try await place.run("status")
            #expect(behind.status == 78 && behind.onlyMessage?.contains("run: meshmill migrate") == true)
        }
    }

    @Test("FAULTS 33: refuses a database that a newer version has migrated, exit 78")
    func refusesNewer() async throws {
        try await Workplace.with { place async throws in
            try await place.sql("INSERT INTO meshmill.migrations (name, checksum) VALUES ('9999_later', 'x')")
            for command in ["migrate", "status"] {
                let result = try await place.run(command)
                #expect(result.status == 78 && result.onlyMessage?.contains("9999_later") == true)
            }
        }
    }
}
