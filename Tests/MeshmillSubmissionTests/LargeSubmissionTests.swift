import Foundation
import MeshmillSubmission
import TestImages
import Testing

@Suite("Large submissions")
struct LargeSubmissionTests {
    @Test("jobs are handed in while a later image is still prepared", .timeLimit(.minutes(1)))
    func handsInEarly() async throws {
        let isHandedIn = Signal()
        let intake = MemoryIntake(beforeAdding: { isHandedIn.raise() })
        try await withTemporaryFolder { folder in
            var setup = try await SubmissionSetup(folder, intake: intake)
            let last = TestImages.png(9)
            setup.store = HookedStore(store: setup.store) { bytes, store in
                if bytes == last { await isHandedIn.wait() }
                return store
            }
            // Small pictures are prepared 32 at a time; 9.png comes last.
            try setup.writePhotos(0..<40)
            let report = try await setup.submit()
            #expect(report.submitted == 40)
            #expect(setup.intake.snapshot.chunks == [32, 8])
        }
    }

    @Test("a manifest of 100,000 rows about one image prepares it once and streams", .timeLimit(.minutes(10)))
    func streamsManifests() async throws {
        try await withSubmission { setup in
            try setup.folder.write("one.png", TestImages.png(1))
            let rows = (1...100_000).map { "one.png,sets/\($0 % 100)/\($0),\($0 % 2 == 0 ? "" : "detailed")" }
            try setup.folder.write("m.csv", "image,out,mode\n" + rows.joined(separator: "\n"))
            let before = try Self.residentBytes()

            let report = try await setup.submit { $0.sources = .manifest(setup.folder.path + "/m.csv") }

            #expect(report.submitted == 2)
            #expect(report.duplicates == 99_998)
            let snapshot = setup.intake.snapshot
            #expect(snapshot.inputs.count == 1)
            #expect(snapshot.lookUps == 1)
            #expect(snapshot.chunks.allSatisfy { $0 <= 1_000 })
            #expect(snapshot.jobs.map(\.output) == (1...100_000).map { "sets/\($0 % 100)/\($0).glb" })
            // The jobs that the intake keeps are most of it.
            #expect(try Self.residentBytes() - before < 200 << 20)
        }
    }

    @Test("a survey of 5,000 names in one folder is quick and queues nothing")
    func surveys() async throws {
        try await withSubmission { setup in
            try setup.folder.makeFolder("photos")
            for number in 0..<5_000 {
                try setup.folder.write("photos/\(number).png", [])
            }
            let survey = try await setup.submission().survey()
            #expect(survey.found == 5_000)
            #expect(survey.ignored == 0)
        }
    }

    /// Memory of this process now, from `/proc`.
    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * 4_096
    }
}
