import Media
import TestImages
import Testing

@Suite("Refusing images")
struct ImageRejectionTests {
    let preparer = ImagePreparer(threads: 2)

    @Test("an empty file is refused as empty")
    func empty() async {
        let rejection = await rejection([])
        #expect(rejection?.reason == .empty)
        #expect(rejection?.description == "empty file")
    }

    @Test(
        "what is no PNG, JPEG or WebP is named by how it starts",
        arguments: [
            ("just text", "not a PNG, JPEG or WebP image (starts with \"just tex\")"),
            ("%PDF-1.7\n", "not a PNG, JPEG or WebP image but PDF (starts with \"%PDF-1.7\")"),
            ("GIF89a....", "not a PNG, JPEG or WebP image but GIF (starts with \"GIF89a..\")"),
            ("....ftypheic", "not a PNG, JPEG or WebP image but HEIC (starts with \"....ftyp\")"),
            ("<svg xmlns=", "not a PNG, JPEG or WebP image but SVG (starts with \"<svg xml\")"),
            ("\u{1B}[2J\"\\", "not a PNG, JPEG or WebP image (starts with \"\\x1b[2J\\\"\\\\\")"),
            ("x", "not a PNG, JPEG or WebP image (starts with \"x\")"),
            ("RIFF....WAVEfmt", "not a PNG, JPEG or WebP image (starts with \"RIFF....\")"),
        ]
    )
    func foreign(text: String, description: String) async {
        let rejection = await rejection(Array(text.utf8))
        #expect(rejection?.reason == .notAnImage)
        #expect(rejection?.description == description)
    }

    @Test(
        "a file cut off anywhere is refused",
        arguments: [".png", ".jpg", ".jpg[interlace]", ".webp", ".webp[lossless]"]
    )
    func truncated(suffix: String) async {
        var seed = SplitMix(seed: 7)
        let file = TestPicture(.rgb, width: 120, height: 90) { _, _ in (0..<3).map { _ in UInt16(seed.next() % 256) } }
            .encoded(suffix)
        for length in [20, 60, file.count / 4, file.count / 2, file.count * 9 / 10, file.count - 40] {
            let rejection = await rejection(Array(file.prefix(length)))
            #expect(rejection?.reason == .corrupt, "\(length) of \(file.count) bytes")
            #expect(rejection?.description.hasPrefix("truncated or corrupt ") == true)
            #expect(rejection?.description.utf8.allSatisfy { (0x20...0x7E).contains($0) } == true)
        }
    }

    @Test(
        "a JPEG without its whole end marker is refused, whether it would be sent as it is or scaled",
        arguments: [".jpg", ".jpg[interlace]", ".jpg[optimize_coding]"],
        [64, 1_100]
    )
    func withoutEnd(suffix: String, width: Int) async throws {
        let file = TestPicture(.rgb, width: width, height: 48) { x, y in
            [UInt16(x % 256), UInt16(y * 5), UInt16((x * y) % 256)]
        }.encoded(suffix)
        _ = try await preparer.prepare(file)
        for missing in [1, 2] {
            let rejection = await rejection(file.dropLast(missing))
            #expect(rejection?.reason == .corrupt)
            #expect(rejection?.description == "truncated or corrupt JPEG (no end marker)", "\(missing) bytes missing")
        }
        for missing in [3, 4, 16, file.count / 3, file.count - 20] {
            #expect(await rejection(file.dropLast(missing))?.reason == .corrupt, "\(missing) bytes missing")
        }
    }

    @Test(
        "a PNG without its whole end chunk is refused, and what stands behind that is no reason to",
        arguments: [".png", ".png[interlace]"],
        [64, 1_100]
    )
    func withoutEndChunk(suffix: String, width: Int) async throws {
        let file = TestPicture(.rgb, width: width, height: 48) { x, y in
            [UInt16(x % 256), UInt16(y * 5), UInt16((x * y) % 256)]
        }.encoded(suffix)
        _ = try await preparer.prepare(file + [0x0A, 0x49, 0x45])
        for missing in [1, 4, 11, 12] {
            let rejection = await rejection(file.dropLast(missing))
            #expect(rejection?.reason == .corrupt)
            #expect(rejection?.description == "truncated or corrupt PNG (no end chunk)", "\(missing) bytes missing")
        }
    }

    @Test("the end marker of a thumbnail in the metadata does not stand for the photo's")
    func thumbnailsEnd() async throws {
        let photo = TestPicture(.rgb, width: 60, height: 40, colour: [10, 150, 250])
        let exif = OrientationTests.exif(orientation: 1) + TestImages.jpeg(7)
        let file = JPEGBytes.inserting(0xE1, exif, into: photo)
        #expect(try await preparer.prepare(file).bytes == file)
        for missing in [1, 2, 40] {
            #expect(await rejection(file.dropLast(missing))?.reason == .corrupt, "\(missing) bytes missing")
        }
    }

    @Test(
        "what stands behind a JPEG's end marker, or fills the space before it, is no reason to refuse it",
        arguments: [".jpg", ".jpg[interlace]"]
    )
    func beyondTheEnd(suffix: String) async throws {
        let file = TestImages.picture(5, side: 48).encoded(suffix)
        let another = TestImages.jpeg(6)
        let tails: [[UInt8]] = [
            [0], [0xFF], [0x0A, 0x0D], Array(repeating: 0, count: 5_000), another, Array(another.dropLast(2)),
        ]
        for tail in tails {
            #expect(try await preparer.prepare(file + tail).bytes == file + tail, "\(tail.count) bytes behind the end")
        }
        let filled = Array(file.dropLast(2) + [0xFF, 0xFF, 0xFF, 0xD9])
        #expect(try await preparer.prepare(filled).bytes == filled)
    }

    @Test("a truncated large photo is refused although it is scaled while it is read")
    func truncatedLarge() async {
        let file = TestPicture(.rgb, width: 2_400, height: 300) { x, y in
            [UInt16(x % 256), UInt16(y % 256), UInt16((x * y) % 256)]
        }.encoded(".jpg")
        #expect(await rejection(Array(file.prefix(file.count / 2)))?.reason == .corrupt)
    }

    @Test("THREAT 4: a header of 64,000 × 64,000 pixels is refused before anything is decoded")
    func bomb() async {
        let rejection = await rejection(PNGBytes.withHeader(width: 64_000, height: 64_000))
        #expect(rejection?.reason == .tooManyPixels)
        #expect(
            rejection?.description
                == "64000 × 64000 pixels are more than the 100 megapixels that are decoded"
        )
    }

    @Test("THREAT 4: a JPEG with a thousand scans of a huge picture is refused before they are decoded")
    func scanBomb() async {
        let rejection = await rejection(JPEGBytes.manyScans(1_000))
        #expect(rejection?.reason == .tooManyPixels)
        #expect(rejection?.description.hasPrefix("1000 scans of 8192 × 8192 pixels") == true)
    }

    @Test("the cap on pixels is exact")
    func pixelCap() async throws {
        let file = TestPicture(.grey, width: 20, height: 10, colour: [0]).encoded(".png")
        let exact = ImagePreparer(threads: 1, limits: ImageLimits(maximumPixels: 200))
        #expect(try await exact.prepare(file).bytes == file)
        let less = ImagePreparer(threads: 1, limits: ImageLimits(maximumPixels: 199))
        await #expect(throws: ImageRejection.self) { try await less.prepare(file) }
    }

    @Test("a file larger than what is read is refused by its size")
    func tooLarge() async {
        let small = ImagePreparer(threads: 1, limits: ImageLimits(maximumFileBytes: 100))
        await #expect {
            try await small.prepare(TestImages.png(3))
        } throws: {
            ($0 as? ImageRejection)?.reason == .fileTooLarge
        }
    }

    @Test("a picture that cannot be brought below the limit is refused, not sent")
    func doesNotFit() async {
        let tiny = ImagePreparer(threads: 1, limits: ImageLimits(maximumBytes: 50))
        await #expect {
            try await tiny.prepare(TestImages.png(3))
        } throws: {
            ($0 as? ImageRejection)?.reason == .doesNotFit
        }
    }

    @Test("the limit in bytes is what 3,000,000 base64 characters hold")
    func base64Limit() {
        #expect((ImageLimits().maximumBytes + 2) / 3 * 4 == 3_000_000)
    }

    @Test("metadata beyond the limit is dropped and the picture kept", arguments: [0xE1, 0xE2, 0xED, 0xFE] as [UInt8])
    func hugeMetadata(marker: UInt8) async throws {
        let start =
            switch marker {
            case 0xE1: OrientationTests.exif(orientation: 1)
            case 0xE2: Array("ICC_PROFILE\0\u{1}\u{1}".utf8)
            default: [UInt8]()
            }
        let picture = TestPicture(.rgb, width: 60, height: 40, colour: [10, 150, 250])
        let file = JPEGBytes.inserting(marker, start + Array(repeating: 0x20, count: 60_000), into: picture)
        let prepared = try await ImagePreparer(threads: 1, limits: ImageLimits(maximumBytes: 50_000)).prepare(file)
        #expect(prepared.bytes.count < 5_000)
        #expect(try #require(DecodedPicture(prepared.bytes)).pixel(30, 20).isNear([10, 150, 250]))
    }

    @Test("bytes changed at random never crash and never pass as another size", arguments: 0..<8)
    func mutations(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let suffixes = [
            ".png", ".jpg", ".jpg[interlace]", ".webp", ".webp[lossless]", ".png[palette]", ".png[interlace]",
        ]
        for round in 0..<60 {
            var file = TestImages.picture(round, side: 40).encoded(suffixes[round % suffixes.count])
            for _ in 0...Int.random(in: 0...8, using: &random) {
                file[Int.random(in: 4..<file.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let prepared = try await preparer.prepare(file)
                #expect(max(prepared.width, prepared.height) <= 1_024)
                #expect(prepared.bytes.count <= ImageLimits().maximumBytes)
            } catch let rejection as ImageRejection {
                #expect(rejection.reason != .empty, "seed \(seed), round \(round)")
            }
        }
    }

    private func rejection(_ file: some Sequence<UInt8>) async -> ImageRejection? {
        do {
            _ = try await preparer.prepare(Array(file))
            return nil
        } catch {
            return error as? ImageRejection
        }
    }
}
