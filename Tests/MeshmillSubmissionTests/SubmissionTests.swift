import Artifacts
import Crypto
import Foundation
import MeshmillSubmission
import TestImages
import Testing

@Suite("Submission")
struct SubmissionTests {
    @Test("each image of a tree becomes one job, in the order of the names, its input stored")
    func queuesATree() async throws {
        try await withSubmission { setup in
            try setup.folder.write("photos/b.png", TestImages.png(1))
            try setup.folder.write("photos/a/z.JPG", TestImages.jpeg(2))
            try setup.folder.write("photos/a/y.webp", TestImages.webp(3))
            try setup.folder.write("photos/readme.txt", "no image")

            let report = try await setup.submit()

            #expect(report.submitted == 3)
            #expect(report.ignored == 1)
            #expect(report.invalidCount == 0)
            let jobs = setup.intake.jobs
            #expect(jobs.map(\.output) == ["a/y.glb", "a/z.glb", "b.glb"])
            #expect(jobs.map(\.source) == ["a/y.webp", "a/z.JPG", "b.png"].map { setup.photos + "/" + $0 })
            let inputs = setup.intake.snapshot.inputs.values
            #expect(inputs.map(\.format).sorted() == ["jpeg", "png", "webp"])
            #expect(Set(jobs.map(\.inputSHA256)) == Set(inputs.map(\.inputSHA256)))
            for input in inputs {
                let fileExtension = input.format == "jpeg" ? "jpg" : input.format
                let key = try ArtifactKey(.inputs, sha256: input.inputSHA256, fileExtension: fileExtension)
                #expect(try await setup.store.contains(key))
            }
        }
    }

    @Test("submitting again queues and prepares nothing")
    func isRestartable() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<20)
            try await setup.submit()
            try setup.folder.write("photos/new.png", TestImages.png(99))

            let again = SubmissionSetup(setup, events: RecordedEvents())
            let report = try await again.submit()

            #expect(report.existing == 20)
            #expect(report.submitted == 1)
            let known = again.events.all.count { if case .prepared(_, wasKnown: true) = $0 { true } else { false } }
            #expect(known == 20)
        }
    }

    @Test("an input that was purged from the store is prepared again")
    func preparesPurgedInputs() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<1)
            try await setup.submit()
            let job = try #require(setup.intake.jobs.first)
            let key = try ArtifactKey(.inputs, sha256: job.inputSHA256, fileExtension: "png")
            try await setup.store.remove(key)

            let report = try await setup.submit()

            #expect(report.existing == 1)
            #expect(try await setup.store.contains(key))
        }
    }

    @Test("equal images are one job with several outputs")
    func foldsEqualImages() async throws {
        try await withSubmission { setup in
            for name in ["a", "b", "c"] { try setup.folder.write("photos/\(name).png", TestImages.png(7)) }
            let report = try await setup.submit()
            #expect(report.submitted == 1)
            #expect(report.duplicates == 2)
            #expect(setup.intake.snapshot.owners.count == 3)
        }
    }

    @Test("a source that is named twice is submitted once")
    func foldsRepeatedNames() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<2)
            let photo = setup.photos + "/0.png"
            let report = try await setup.submit { $0.sources = .paths([photo, setup.photos + "/./0.png", photo]) }
            #expect(report.submitted == 1)
            #expect(report.duplicates == 2)
            #expect(setup.intake.jobs.count == 1)
        }
    }

    @Test("FAULTS 28: an image that changed since it was submitted is a conflict, unless it is to replace")
    func reportsConflicts() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<2)
            try await setup.submit()
            try setup.folder.write("photos/1.png", TestImages.png(50))

            let report = try await setup.submit()
            #expect(report.existing == 1)
            #expect(report.conflictCount == 1)
            #expect(report.conflicts.map(\.output) == ["1.glb"])

            let replaced = try await setup.submit { $0.replaces = true }
            #expect(replaced.replaced == 1)
            #expect(replaced.conflictCount == 0)
        }
    }

    @Test("other parameters for an output are a conflict")
    func reportsOtherParameters() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<1)
            try await setup.submit()
            let detailed = try JobParameters(mode: .detailed)
            #expect(try await setup.submit { $0.parameters = detailed }.conflictCount == 1)
            // The documented default, typed out, is the same job.
            let fast = try JobParameters(mode: .fast, seed: 42)
            #expect(try await setup.submit { $0.parameters = fast }.existing == 1)
        }
    }

    @Test("jobs that failed run again")
    func requeuesFailures() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<3)
            try await setup.submit()
            setup.intake.fail(2)
            let report = try await setup.submit()
            #expect(report.requeued == 1)
            #expect(report.existing == 2)
        }
    }

    @Test("a limit takes the first images that can be jobs, the same ones each time", arguments: [1, 3, 5, 100])
    func keepsLimits(limit: Int) async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<5)
            try setup.folder.write("photos/0 broken.png", "no image")
            try setup.folder.write("photos/1 same as 0.png", TestImages.png(0))
            for _ in 1...2 { try await setup.submit { $0.limit = limit } }
            let all = ["0.glb", "1 same as 0.glb", "1.glb", "2.glb", "3.glb", "4.glb"]
            #expect(setup.intake.jobs.map(\.output) == Array(all.prefix(limit)))
        }
    }

    @Test("a dry run checks everything and leaves nothing behind")
    func rehearses() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<5)
            try setup.folder.write("photos/copy.png", TestImages.png(0))
            try setup.folder.write("photos/broken.png", "no image")

            let report = try await setup.submit { $0.isDryRun = true }

            #expect(report.submitted == 5)
            #expect(report.duplicates == 1)
            #expect(report.invalidCount == 1)
            #expect(!FileManager.default.fileExists(atPath: setup.folder.path + "/store/inputs"))
        }
    }

    @Test("nothing to do is no error")
    func submitsNothing() async throws {
        try await withSubmission { setup in
            try setup.folder.makeFolder("photos")
            #expect(try await setup.submit() == SubmissionReport())
        }
    }

    @Test("results that lie in the folder that is searched are not submitted")
    func skipsResults() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<1)
            // The output folder of this run, of an earlier run, and results beside their sources.
            for place in ["photos/out", "photos/old", "photos"] {
                try setup.folder.write("\(place)/9.glb", "glTF")
                try setup.folder.write("\(place)/9.thumbnail.png", TestImages.png(9))
            }
            try setup.folder.write("photos/out/1.png", TestImages.png(10))
            try await setup.submit { $0.outputFolder = setup.photos + "/out" }
            #expect(setup.intake.jobs.map(\.output) == ["0.glb"])
        }
    }

    @Test("outputs that collide are all named before anything is prepared or queued")
    func findsCollisions() async throws {
        try await withSubmission { setup in
            for name in [
                "a.png", "a.jpg", "B.png", "b.webp", "c.glb/x.png", "c.png", "free.png", "e\u{301}.png", "é.jpg",
            ] {
                try setup.folder.write("photos/" + name, TestImages.png(1))
            }
            let error = await #expect(throws: SubmissionError.self) { try await setup.submit() }
            guard case .collisions(let collisions) = error else {
                Issue.record("no collisions: \(String(describing: error))")
                return
            }
            #expect(collisions.count == 4)
            let pairs = Set(
                collisions.pairs.map { [$0.first, $0.second].map { String($0.dropFirst(setup.photos.count + 1)) } }
            )
            #expect(pairs.contains(["a.jpg", "a.png"]))
            #expect(pairs.contains(["B.png", "b.webp"]))
            #expect(pairs.contains(["c.glb/x.png", "c.png"]))
            #expect(
                error?.description.contains("4 sources have the same output as another; nothing was queued") == true
            )
            #expect(setup.intake.snapshot.lookUps == 0)
        }
    }
}

extension SubmissionSetup {
    /// The same submission, told elsewhere.
    init(_ other: SubmissionSetup, events: RecordedEvents) {
        self = other
        self.events = events
    }
}
