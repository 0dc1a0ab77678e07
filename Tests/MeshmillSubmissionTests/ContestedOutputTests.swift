import MeshmillSubmission
import TestImages
import Testing

@Suite("Outputs that files want which are no images")
struct ContestedOutputTests {
    @Test(
        "a file that is no image does not keep an image from its output, whichever comes first",
        arguments: [("a.jpg", "a.png"), ("a.png", "a.jpg"), ("a.png", "a.glb/b.png"), ("a.glb/b.png", "a.png")]
    )
    func yields(bad: String, good: String) async throws {
        try await withSubmission { setup in
            for content in ["", "GIF89a, and what follows"] {
                try setup.folder.write("photos/" + bad, content)
                try setup.folder.write("photos/" + good, TestImages.png(1))
                let survey = try await setup.submission().survey()
                #expect(survey.found == 1)
                #expect(survey.refused == 1)

                let report = try await setup.submit()

                #expect(report.submitted + report.existing == 1)
                #expect(setup.intake.jobs.map(\.source) == [setup.photos + "/" + good])
                let problem =
                    content.isEmpty
                    ? "empty file" : "not a PNG, JPEG or WebP image but GIF (starts with \"GIF89a, \")"
                #expect(report.invalid.map(\.problem) == [problem])
            }
        }
    }

    @Test("a row whose image is missing yields to one whose image is there")
    func yieldsMissing() async throws {
        try await withSubmission { setup in
            try setup.folder.write("a.png", TestImages.png(1))
            try setup.folder.write("m.csv", "image\na.jpg\na.png\n")
            let report = try await setup.submit { $0.sources = .manifest(setup.folder.path + "/m.csv") }
            #expect(report.submitted == 1)
            #expect(report.invalid.map(\.problem) == ["no such file or folder"])
        }
    }

    @Test("images that collide once others are out of their way still do")
    func findsTheRest() async throws {
        try await withSubmission { setup in
            try setup.folder.write("photos/a.png", "no image")
            try setup.folder.write("photos/a.glb/q.jpg", TestImages.jpeg(1))
            try setup.folder.write("photos/a.glb/q.png", TestImages.png(2))
            let error = await #expect(throws: SubmissionError.self) { try await setup.submit() }
            guard case .collisions(let collisions) = error else {
                Issue.record("no collisions: \(String(describing: error))")
                return
            }
            #expect(collisions.pairs.map(\.output) == ["a.glb/q.glb"])
            #expect(setup.intake.jobs.isEmpty)
        }
    }
}
