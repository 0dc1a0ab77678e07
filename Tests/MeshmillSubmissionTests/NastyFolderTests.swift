import Glibc
import MeshmillSubmission
import TestImages
import Testing

@Suite("A nasty folder")
struct NastyFolderTests {
    @Test("each file that is no image is one line, and the good ones are queued all the same")
    func refusesOneByOne() async throws {
        try await withSubmission { setup in
            let folder = setup.folder
            try folder.write("photos/pdf.png", "%PDF-1.7 and more")
            try folder.write("photos/empty.jpg", "")
            try folder.write("photos/truncated.png", TestImages.png(1, side: 256).dropLast(60))
            try folder.write("photos/cut.jpg", TestImages.jpeg(1, side: 256).dropLast(400))
            try folder.write("photos/bomb.png", Self.bombHeader)
            try folder.makePipe("photos/pipe.png")
            try folder.makeFolder("photos/folder.png")
            try folder.makeLink("photos/nowhere.png", to: "gone.png")
            try folder.makeLink("photos/round.png", to: "round.png")
            try folder.makeLink("photos/up", to: "..")
            try folder.makeLink("photos/null.png", to: "/dev/null")
            try folder.write("photos/.hidden.png", "%PDF")
            try folder.write("photos/notes.txt", "text")
            try folder.makePipe("photos/pipe")
            try folder.write(nameBytes: Array("photos/".utf8) + [0xFF] + Array(".png".utf8), TestImages.png(2))
            try folder.write("photos/good.png", TestImages.png(3))

            let report = try await setup.submit()

            #expect(report.submitted == 1)
            #expect(report.ignored == 2)
            let prefix = setup.photos + "/"
            let lines = report.invalid.map { String($0.description.dropFirst(prefix.count)) }
            let expected = [
                "bomb.png: 64000 × 64000 pixels are more than the 100 megapixels that are decoded; skipped",
                "empty.jpg: empty file; skipped",
                "nowhere.png: a link to nothing; skipped",
                "null.png: a device, not a file; skipped",
                "pdf.png: not a PNG, JPEG or WebP image but PDF (starts with \"%PDF-1.7\"); skipped",
                "pipe.png: a pipe, not a file; skipped",
                "round.png: a link that leads nowhere but to links; skipped",
                "up: a link to a folder, which is not followed; name the folder itself; skipped",
                "�.png: the name is not valid UTF-8; rename it; skipped",
            ]
            for line in expected { #expect(lines.contains(line), "missing: \(line)\nin: \(lines)") }
            for cut in ["cut.jpg", "truncated.png"] {
                #expect(lines.contains { $0.hasPrefix("\(cut): truncated or corrupt ") })
            }
            #expect(lines.count == expected.count + 2)
            #expect(report.invalid.allSatisfy { $0.source.hasPrefix(prefix) })
        }
    }

    @Test("odd pictures are prepared: turned, CMYK, 16 bit, animated, grey, transparent, one pixel, linked")
    func preparesOddPictures() async throws {
        try await withSubmission { setup in
            var turned = TestPicture(.rgb, width: 20, height: 10, colour: [200, 10, 10])
            turned.orientation = 6
            var frames = TestPicture(.rgb, width: 16, height: 32, colour: [1, 2, 3])
            frames.frames = 2
            let pictures = [
                "photos/turned.jpg": turned.encoded(".jpg"),
                "photos/cmyk.jpg": TestPicture(.cmyk, width: 8, height: 8, colour: [0, 90, 0, 9]).encoded(".jpg"),
                "photos/deep.png": TestPicture(.rgb16, width: 8, height: 8, colour: [1, 2, 60_000]).encoded(".png"),
                "photos/animated.webp": frames.encoded(".webp"),
                "photos/grey.png": TestPicture(.grey, width: 8, height: 8, colour: [77]).encoded(".png"),
                "photos/alpha.png": TestPicture(.rgba, width: 8, height: 8, colour: [1, 2, 3, 4]).encoded(".png"),
                "photos/dot.png": TestPicture(.rgb, width: 1, height: 1, colour: [1, 2, 3]).encoded(".png"),
            ]
            for (name, bytes) in pictures { try setup.folder.write(name, bytes) }
            try setup.folder.write("elsewhere/target.jpg", TestImages.jpeg(8))
            try setup.folder.makeLink("photos/link.jpg", to: "../elsewhere/target.jpg")

            let report = try await setup.submit()

            #expect(report.invalid == [])
            #expect(report.submitted == pictures.count + 1)
            let link = setup.intake.jobs.first { $0.output == "link.glb" }
            #expect(link?.source == setup.photos + "/link.jpg")
            let input = setup.intake.jobs.first { $0.output == "turned.glb" }
                .flatMap { job in setup.intake.snapshot.inputs.values.first { $0.inputSHA256 == job.inputSHA256 } }
            #expect(input?.width == 10 && input?.height == 20)
        }
    }

    @Test(
        "names with spaces, quotes, newlines, emoji and the like are queued as they are",
        arguments: [
            "a b", "it's", "\"quoted\"", "two\nlines", "👩‍👩‍👧", "back\\slash", "-dash", "semi;colon", "ünïcödé", "$(x)",
            "%41", "#",
            "a.b.c", "tab\there", " leading", "trailing ",
        ]
    )
    func keepsOddNames(name: String) async throws {
        try await withSubmission { setup in
            try setup.folder.write("photos/\(name).png", TestImages.png(1))
            let report = try await setup.submit()
            #expect(report.invalid == [])
            #expect(setup.intake.jobs.map(\.output) == [name + ".glb"])
            #expect(setup.intake.jobs.map(\.source) == ["\(setup.photos)/\(name).png"])
        }
    }

    @Test("control characters of a name never reach a terminal")
    func escapesNames() async throws {
        try await withSubmission { setup in
            try setup.folder.write("photos/x\u{1B}[2J\n\u{202E}gnp.png", "no image")
            let line = try #require(try await setup.submit().invalid.first).description
            #expect(line.contains("x\\u{1b}[2J\\n\\u{202e}gnp.png"))
        }
    }

    @Test("paths that were named are sources whatever they are called, and told when they are none")
    func takesNamedPaths() async throws {
        try await withSubmission { setup in
            try setup.folder.write("photo", TestImages.png(1))
            try setup.folder.write(".hidden.png", TestImages.png(2))
            try setup.folder.makePipe("pipe")
            try setup.folder.makeLink("linked", to: "photos")
            try setup.folder.write("photos/in.png", TestImages.png(3))
            let paths = ["photo", ".hidden.png", "pipe", "linked", "missing.png"].map { setup.folder.path + "/" + $0 }

            let report = try await setup.submit { $0.sources = .paths(paths + [""]) }

            #expect(setup.intake.jobs.map(\.output) == ["photo.glb", ".hidden.glb", "in.glb"])
            #expect(report.invalid.map(\.problem) == ["a pipe, not a file", "no such file or folder", "an empty path"])
        }
    }

    @Test("a file that is larger than what is read is refused unread")
    func refusesLargeFiles() async throws {
        try await withSubmission { setup in
            try setup.folder.write("photos/large.png", "")
            truncate(setup.photos + "/large.png", 300_000_000)
            let report = try await setup.submit()
            #expect(
                report.invalid.map(\.problem) == [
                    "300000000 bytes are more than the 200000000 that are read of an image"
                ]
            )
        }
    }

    /// A PNG that announces 64,000 × 64,000 pixels and has none.
    private static var bombHeader: [UInt8] {
        var picture = TestImages.png(1)
        picture.replaceSubrange(16..<24, with: [0, 0, 0xFA, 0, 0, 0, 0xFA, 0])
        picture.replaceSubrange(29..<33, with: withUnsafeBytes(of: crc32(picture[12..<29]).bigEndian, Array.init))
        return picture
    }

    /// The checksum of a PNG chunk.
    private static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}
