import Artifacts
import Testing

@testable import MeshmillSubmission

@Suite("Manifests")
struct ManifestTests {
    /// What a manifest lists, with `lists/` as the name of its folder.
    private func list(_ name: String, _ text: String) async throws -> [ListedItem] {
        try await list(name, bytes: Array(text.utf8))
    }

    private func list(_ name: String, bytes: [UInt8]) async throws -> [ListedItem] {
        try await withTemporaryFolder { folder in
            try folder.write("lists/" + name, bytes)
            var reader = try ManifestReader(
                path: "lists/" + name,
                workingFolder: folder.path,
                template: JobTemplate(parameters: .providerDefaults)
            )
            var items: [ListedItem] = []
            while let item = try reader.next() {
                guard case .candidate(var candidate) = item else {
                    items.append(item)
                    continue
                }
                if candidate.source.hasPrefix(folder.path) { candidate.source.removeFirst(folder.path.count) }
                items.append(.candidate(candidate))
            }
            return items
        }
    }

    private func candidates(_ items: [ListedItem]) -> [SourceCandidate] {
        items.compactMap { if case .candidate(let candidate) = $0 { candidate } else { nil } }
    }

    private func refusals(_ items: [ListedItem]) -> [String] {
        items.compactMap { if case .refused(let refusal) = $0 { refusal.description } else { nil } }
    }

    @Test("a CSV row says all there is to say of a job")
    func readsCSV() async throws {
        let items = try await list(
            "all.csv",
            """
            image,custom_id,prompt,mode,seed,decimation_target,texture_size,priority,out
            a/x.png,id-1,"a ""red"" chair,
            of wood",detailed,-7,100000,4096,-3,chairs/red
            y.png,,,,,,,,
            """
        )
        let rows = candidates(items)
        #expect(rows.count == 2)
        let first = try #require(rows.first)
        #expect(first.source == "/lists/a/x.png")
        #expect(first.name == "lists/a/x.png")
        #expect(first.output.glb == "chairs/red.glb")
        #expect(first.template.customID == "id-1")
        #expect(first.template.priority == -3)
        let parameters = try JobParameters(
            mode: .detailed,
            prompt: "a \"red\" chair,\nof wood",
            seed: -7,
            decimationTarget: 100_000,
            textureSize: 4_096
        )
        #expect(first.template.parameters == parameters)
        #expect(rows.last?.template == JobTemplate(parameters: .providerDefaults))
        #expect(rows.last?.output.glb == "y.glb")
    }

    @Test("a JSON line says the same")
    func readsJSONLines() async throws {
        let items = try await list(
            "all.jsonl",
            """
            {"image":"a/x.png","custom_id":"id-1","prompt":"red\\n\\u00e9","mode":"standard","seed":9007199254740993,\
            "decimation_target":500000,"texture_size":1024,"priority":5,"out":"r.GLB"}

            {"image":"y.png","prompt":null}
            """
        )
        let rows = candidates(items)
        #expect(rows.count == 2)
        let first = try #require(rows.first)
        #expect(first.output.glb == "r.glb")
        let parameters = try JobParameters(
            mode: .standard,
            prompt: "red\né",
            seed: 9_007_199_254_740_993,
            decimationTarget: 500_000,
            textureSize: 1_024
        )
        #expect(first.template.parameters == parameters)
        #expect(rows.last?.template == JobTemplate(parameters: .providerDefaults))
    }

    @Test(
        "a bad CSV row is one line with its number, and the rest goes on",
        arguments: [
            (",1", "it names no image"),
            ("a.png", "it has 1 fields, and the header 2"),
            ("a.png,1,2", "it has 3 fields, and the header 2"),
            ("a.png,x", "seed \"x\" is not a whole number"),
            ("a.png,9223372036854775808", "seed \"9223372036854775808\" is not a whole number"),
            ("\"a\".png,1", "there is text after the closing quote of field 1"),
        ]
    )
    func refusesCSVRows(row: String, problem: String) async throws {
        let items = try await list("m.csv", "image,seed\r\nfirst.png,1\r\n\(row)\r\nlast.png,2\r\n")
        #expect(refusals(items) == ["lists/m.csv:3: \(problem); skipped"])
        #expect(candidates(items).map(\.name) == ["lists/first.png", "lists/last.png"])
    }

    @Test(
        "a field that is out of range is named",
        arguments: [
            (#"{"image":"x.png","mode":"best"}"#, "mode \"best\" is none of fast, standard, detailed"),
            (#"{"image":"x.png","texture_size":512}"#, "texture_size 512 is not within 1024...4096"),
            (#"{"image":"x.png","decimation_target":1}"#, "decimation_target 1 is not within 100000...500000"),
            (#"{"image":"x.png","priority":5000}"#, "priority 5000 is not within -1000...1000"),
            (#"{"image":"x.png","seed":1.5}"#, "seed is not a whole number"),
            (#"{"image":"x.png","seed":"1"}"#, "seed is not a whole number"),
            (#"{"image":7}"#, "image is not text"),
            (#"{"image":"x.png","prompt":"a\u0000b"}"#, "prompt contains a NUL character"),
            (#"{"image":"x.png","custom_id":"a\u001bb"}"#, "custom_id contains a control character"),
            (#"{"image":"x\u0000.png"}"#, "the image's path contains a NUL character"),
            (#"{"image":"x.png","colour":"red"}"#, "colour is not a field of a manifest; those are"),
            (#"{"image":"x.png""#, "the line is not one JSON object"),
            (#"["x.png"]"#, "the line is not one JSON object"),
            (#"{"prompt":"x"}"#, "it names no image"),
        ]
    )
    func refusesJSONRows(row: String, problem: String) async throws {
        let items = try await list("m.jsonl", row + "\n" + #"{"image":"last.png"}"#)
        let line = try #require(refusals(items).first)
        #expect(line.hasPrefix("lists/m.jsonl:1: \(problem)"), "\(line)")
        #expect(candidates(items).map(\.name) == ["lists/last.png"])
    }

    @Test(
        "an output is never outside the output folder",
        arguments: [
            "/etc/x", "../x", "a/../../x", "a//b", "./x", "a/", "..", "../\u{301}x", "a/..\u{2F}\u{301}b/../../x",
        ]
    )
    func refusesEscapes(out: String) async throws {
        let items = try await list("m.csv", "image,out\nx.png,\(out)\n")
        #expect(candidates(items).isEmpty, "\(candidates(items).map(\.output.glb))")
        #expect(refusals(items).count == 1)
    }

    @Test(
        "without an out, an image below the manifest is mirrored and any other gives its name",
        arguments: [
            ("a/b.png", "a/b.glb"), ("./a.jpg", "a.glb"), ("/tmp/p/c.webp", "c.glb"), ("../lists/c.png", "c.glb"),
        ]
    )
    func mirrorsImages(image: String, output: String) async throws {
        let items = try await list("m.csv", "image\n\(image)\n")
        #expect(candidates(items).map(\.output.glb) == [output])
    }

    @Test("an image in a folder that does not exist is named, not its row")
    func namesMissingFolders() async throws {
        let items = try await list("m.csv", "image\n../gone/x.png\ny.png\n")
        #expect(refusals(items) == ["lists/../gone/x.png: no such file or folder; skipped"])
        #expect(candidates(items).count == 1)
    }

    @Test("a byte order mark, blank lines and either line ending are passed over")
    func readsWhatSpreadsheetsWrite() async throws {
        let items = try await list("m.CSV", "\u{FEFF}Image, Seed\r\n\r\na.png,1\r\n\nb.png,2")
        #expect(candidates(items).map(\.template.parameters.seed) == [1, 2])
        let lines = try await list("m.ndjson", "\u{FEFF}{\"image\":\"a.png\"}\r\n\r\n")
        #expect(candidates(lines).count == 1)
    }

    @Test(
        "a manifest that cannot be used is one line that says why",
        arguments: [
            ("m.csv", "", "it is empty; its first line names the columns"),
            (
                "m.csv", "image,colour\nx.png,red\n",
                "\"colour\" is not a column of a manifest; those are image, custom_id"
            ),
            (
                "m.csv", "image;seed\nx.png;1\n",
                "\"image;seed\" is not a column of a manifest; separate columns with commas"
            ),
            ("m.csv", "seed\n1\n", "it has no column \"image\""),
            ("m.csv", "image,image\n", "it has two columns \"image\""),
            ("m.txt", "image\n", "the name of a manifest ends in .csv or .jsonl"),
        ]
    )
    func refusesManifests(name: String, text: String, problem: String) async throws {
        let error = await #expect(throws: SubmissionError.self) { try await list(name, text) }
        #expect(error?.description.hasPrefix("lists/\(name): \(problem)") == true, "\(String(describing: error))")
        #expect(error?.description.hasSuffix("; nothing was submitted") == true)
    }

    @Test("a manifest in UTF-16 is told from one in UTF-8")
    func refusesUTF16() async throws {
        let error = await #expect(throws: SubmissionError.self) {
            try await list("m.csv", bytes: [0xFF, 0xFE, 0x69, 0x00])
        }
        #expect(error == .manifest("lists/m.csv: it is UTF-16; save it as UTF-8; nothing was submitted"))
    }

    @Test("a manifest that is missing or a folder cannot be read")
    func refusesMissingManifests() async throws {
        try await withTemporaryFolder { folder in
            try folder.makeFolder("f.csv")
            for (name, problem) in [("gone.csv", "no such file or folder"), ("f.csv", "a folder, not an image")] {
                let error = #expect(throws: SubmissionError.self) {
                    try ManifestReader(
                        path: name,
                        workingFolder: folder.path,
                        template: JobTemplate(parameters: .providerDefaults)
                    )
                }
                #expect(error == .unreadable("\(name): \(problem); nothing was submitted"))
            }
        }
    }

    @Test("rows in another encoding, too long or with an open quote are refused and the rest goes on")
    func refusesHostileRows() async throws {
        var csv = Array("image,prompt\n".utf8)
        csv += Array("a.png,".utf8) + [0xE9] + Array("\n".utf8)
        csv += Array("b.png,".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000) + Array("\n".utf8)
        csv += Array("c.png,fine\nd.png,\"never closed\ne.png,lost\n".utf8)
        let items = try await list("m.csv", bytes: csv)
        #expect(
            refusals(items) == [
                "lists/m.csv:2: it is not valid UTF-8; skipped",
                "lists/m.csv:3: the line is longer than 65536 bytes; skipped",
                "lists/m.csv:5: a quoted field is never closed; lines 5 to 6 are passed over; skipped",
            ]
        )
        #expect(candidates(items).map(\.name) == ["lists/c.png"])
    }

    @Test("a quoted field that is not closed costs the rows up to its limit, not the manifest")
    func boundsQuotedFields() async throws {
        let rows = (1...10_000).map { "row-\($0).png,x" }
        let csv = "image,prompt\nbad.png,\"open\n" + rows.joined(separator: "\n") + "\n"
        let items = try await list("m.csv", csv)
        #expect(refusals(items).count == 1)
        #expect(candidates(items).count > 5_000)
        #expect(candidates(items).last?.name == "lists/row-10000.png")
    }
}
