import Artifacts
import Logging
import Media
import MeshmillStore
import MeshmillSubmission
import PostgresClient
import TestDatabase
import TestImages
import Testing

@Suite("Submitting to a real database", .timeLimit(.minutes(2)))
struct DatabaseIntakeTests {
    /// Runs a test with a migrated database, a folder, and submissions into one batch.
    private func withBatch(
        _ body: (
            TemporaryFolder, _ submit: @Sendable @escaping (SubmissionRequest) async throws -> SubmissionReport
        ) async throws -> Void
    ) async throws {
        try await withTestDatabase(template: "submission", prepare: migrate) { connectionString in
            try await withClient(connectionString) { client in
                try await withTemporaryFolder { folder in
                    let batch = try #require(
                        try await client.query(OpenBatch(tenant: "default", out: folder.path + "/out")).first
                    )
                    let store = try FileArtifactStore(url: "file://\(folder.path)/store")
                    try await store.open(isNew: true)
                    let preparer = ImagePreparer()
                    try await body(folder) { request in
                        let intake = DatabaseIntake(client, batchID: batch.batchID)
                        return try await Submission(request, intake: intake, artifacts: store, preparer: preparer).run()
                    }
                }
            }
        }
    }

    @Test("a folder that is submitted again adds what is new, and asks before it replaces")
    func continuesABatch() async throws {
        try await withBatch { folder, submit in
            for number in 0..<3 { try folder.write("photos/\(number).png", TestImages.png(number)) }
            try folder.write("photos/copy of 0.png", TestImages.png(0))
            var request = SubmissionRequest(
                sources: .paths([folder.path + "/photos"]),
                outputFolder: folder.path + "/out"
            )
            let first = try await submit(request)
            #expect(first.submitted == 3 && first.duplicates == 1)

            try folder.write("photos/2.png", TestImages.png(22))
            try folder.write("photos/3.png", TestImages.png(3))
            let second = try await submit(request)
            #expect(second.submitted == 1 && second.existing == 3 && second.conflictCount == 1)

            request.replaces = true
            let third = try await submit(request)
            #expect(third.replaced == 1 && third.existing == 4 && third.conflictCount == 0)
        }
    }

    @Test("two submissions of one folder at once make one set of jobs")
    func sharesABatch() async throws {
        try await withBatch { folder, submit in
            for number in 0..<60 { try folder.write("photos/\(number).png", TestImages.png(number)) }
            let request = SubmissionRequest(
                sources: .paths([folder.path + "/photos"]),
                outputFolder: folder.path + "/out"
            )
            async let one = submit(request)
            async let other = submit(request)
            let reports = try await [one, other]
            #expect(reports.map(\.submitted).reduce(0, +) == 60)
            #expect(reports.map(\.existing).reduce(0, +) == 60)
        }
    }

    @Test("THREAT 7: names and prompts with quotes, newlines, braces and emoji come back as they went")
    func keepsOddText() async throws {
        try await withBatch { folder, submit in
            let odd = "two\\nlines, \\\"quoted\\\" {braces} NULL \\\\ 'it' 👩‍👧"
            try folder.write("x.png", TestImages.png(1))
            try folder.write(
                "m.jsonl",
                """
                {"image":"x.png","prompt":"\(odd)","custom_id":"{\\"a\\",NULL}","seed":-9223372036854775808}
                {"image":"x.png","out":"NULL","priority":-1000}
                {"image":"x.png","out":"{}","priority":1000}
                """
            )
            let request = SubmissionRequest(
                sources: .manifest(folder.path + "/m.jsonl"),
                outputFolder: folder.path + "/out"
            )
            let first = try await submit(request)
            #expect(first.invalid == [])
            #expect(first.submitted == 2 && first.duplicates == 1)
            #expect(try await submit(request).existing == 3)
        }
    }
}

private func withClient(_ connectionString: String, _ body: (PostgresClient) async throws -> Void) async throws {
    let client = PostgresClient(
        configuration: PostgresConfiguration(connectionString: connectionString),
        logger: Logger(label: "test")
    )
    do {
        try await body(client)
        await client.close()
    } catch {
        await client.close()
        throw error
    }
}

@Sendable private func migrate(_ connectionString: String) async throws {
    try await withClient(connectionString) { client in _ = try await Migrator(client).migrate() }
}
