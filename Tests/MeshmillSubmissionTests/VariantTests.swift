import Artifacts
import TestImages
import Testing

@testable import MeshmillSubmission

@Suite("One image in several rows")
struct VariantTests {
    /// Outputs of the jobs that a manifest with these columns and rows is queued as.
    private func outputs(_ columns: String, _ rows: [String], images: [String] = ["red.png"]) async throws -> [String] {
        try await withTemporaryFolder { folder in
            let setup = try await SubmissionSetup(folder)
            for (number, image) in images.enumerated() { try folder.write("lists/" + image, TestImages.png(number)) }
            try folder.write("lists/m.csv", ([columns] + rows).joined(separator: "\n"))
            try await setup.submit { $0.sources = .manifest(folder.path + "/lists/m.csv") }
            return setup.intake.jobs.map(\.output)
        }
    }

    @Test("rows with a custom_id each are named after it")
    func namesByCustomID() async throws {
        let rows = ["red.png,SKU-1,1", "blue.png,SKU-1,1", "red.png,é 2.glb,2", "red.png,SKU-1,1"]
        let names = try await outputs("image,custom_id,seed", rows, images: ["red.png", "blue.png"])
        #expect(names == ["red.SKU-1.glb", "blue.glb", "red.é 2.glb.glb"])
    }

    @Test("rows without a custom_id are named after their parameters, the same ones each time")
    func namesByParameters() async throws {
        let rows = ["a/red.png,1,", "./a/red.png,2,fast", "a/red.png,,", "a/red.png,42,fast", "a/red.png,42,detailed"]
        let names = try await outputs("image,seed,mode", rows, images: ["a/red.png"])
        #expect(
            names == [
                "a/red.1c1377b4722a.glb", "a/red.8689a2c7d0a4.glb", "a/red.7e6a574adcb3.glb", "a/red.db16265ceb1a.glb",
            ]
        )
    }

    @Test(
        "one custom_id that is missing, shared or no file name lets all rows be named after their parameters",
        arguments: ["", "sku-1", "a/b", "a/\u{301}b", #"a\b"#]
    )
    func fallsBack(id: String) async throws {
        let names = try await outputs("image,custom_id,seed", ["red.png,SKU-1,1", "red.png,\(id),2"])
        #expect(names == ["red.1c1377b4722a.glb", "red.8689a2c7d0a4.glb"])
    }

    @Test("an image that is named once, or always alike, or with an out but for once, keeps its name")
    func keepsNames() async throws {
        let rows = ["red.png,1,", "red.png,2,x.glb", "red.png,3,y", "red.png,1,", "blue.png,1,", "blue.png,1,"]
        let names = try await outputs("image,seed,out", rows, images: ["red.png", "blue.png"])
        #expect(names == ["red.glb", "x.glb", "y.glb", "blue.glb"])
    }

    @Test("names do not depend on the order of the rows", arguments: 1...50)
    func ignoresOrder(seed: Int) throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let ids = ["a", "A", "b", "c", "d/e", nil]
        let rows = try (0..<40).map { number in
            let image = Int.random(in: 0..<12, using: &chance)
            return SourceCandidate(
                source: "/lists/\(image).png",
                name: "\(image).png",
                output: try OutputName(source: "\(image).png"),
                followsLink: true,
                template: JobTemplate(
                    parameters: try JobParameters(seed: Int64.random(in: 0..<4, using: &chance)),
                    customID: ids[Int.random(in: 0..<ids.count, using: &chance)]
                ),
                row: SourceCandidate.Row(place: "m.csv:\(number)", choosesOutput: number % 7 == 0)
            )
        }
        let shuffled = rows.shuffled(using: &chance)
        #expect(variants(of: rows) == variants(of: shuffled))
        #expect(variants(of: rows).count > 0)
    }

    private func variants(of rows: [SourceCandidate]) -> Variants {
        var finder = VariantFinder()
        for row in rows { finder.look(at: row) }
        return finder.variants
    }

    @Test("a thousand seeds of one image are a thousand outputs, and none is new the second time")
    func namesManySeeds() async throws {
        try await withSubmission { setup in
            try setup.folder.write("red.png", TestImages.png(1))
            let rows = (1...1_000).map { "red.png,\($0)" }
            try setup.folder.write("m.csv", "image,seed\n" + rows.joined(separator: "\n"))
            try setup.folder.write("again.csv", "image,seed\n" + rows.reversed().joined(separator: "\n"))

            let report = try await setup.submit { $0.sources = .manifest(setup.folder.path + "/m.csv") }
            #expect(report.submitted == 1_000)
            let names = setup.intake.jobs.map(\.output)
            #expect(Set(names).count == 1_000)
            #expect(names.allSatisfy { $0.hasPrefix("red.") && $0.utf8.count == "red.123456789abc.glb".utf8.count })

            let again = try await setup.submit { $0.sources = .manifest(setup.folder.path + "/again.csv") }
            #expect(again.existing == 1_000)
        }
    }

    @Test("a name that is too long with its custom_id is cut, and still its own")
    func cutsNames() async throws {
        let long = String(repeating: "x", count: 190)
        let names = try await outputs(
            "image,custom_id,seed",
            ["red\(long).png,\(long)1,1", "red\(long).png,\(long)2,2"],
            images: ["red\(long).png"]
        )
        #expect(Set(names).count == 2)
        #expect(names.allSatisfy { $0.utf8.count <= 255 })
    }

    @Test(
        "a name that is another image's, or another row's with the same parameters, is a collision that tells the rows"
    )
    func findsCollisions() async throws {
        try await withSubmission { setup in
            for (number, name) in ["red", "red.x", "blue"].enumerated() {
                try setup.folder.write(name + ".png", TestImages.png(number))
            }
            let rows = ["red.png,x,1,", "red.png,y,2,", "red.X.png,,1,", "blue.png,,1,5", "blue.png,,1,6"]
            try setup.folder.write("red.X.png", TestImages.png(9))
            try setup.folder.write("m.csv", "image,custom_id,seed,priority\n" + rows.joined(separator: "\n"))
            let manifest = setup.folder.path + "/m.csv"
            let error = await #expect(throws: SubmissionError.self) {
                try await setup.submit { $0.sources = .manifest(manifest) }
            }
            let folder = setup.folder.path
            let lines = error?.description.split(separator: "\n").dropFirst() ?? []
            #expect(
                Array(lines) == [
                    "  \(manifest):2 (\(folder)/red.png) and \(manifest):4 (\(folder)/red.X.png) → red.X.glb",
                    "  \(manifest):5 (\(folder)/blue.png) and \(manifest):6 (\(folder)/blue.png) → blue.1c1377b4722a.glb",
                ]
            )
            #expect(setup.intake.jobs.isEmpty)
        }
    }
}
