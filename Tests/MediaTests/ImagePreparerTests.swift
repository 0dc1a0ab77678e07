import Crypto
import Media
import TestImages
import Testing

@Suite("Preparing images")
struct ImagePreparerTests {
    let preparer = ImagePreparer(threads: 2)

    @Test(
        "a file that already fits passes through byte for byte",
        arguments: [
            (".png", ImageFormat.png), (".png[interlace]", .png), (".png[palette]", .png), (".jpg", .jpeg),
            (".jpg[interlace]", .jpeg), (".webp", .webp), (".webp[lossless]", .webp),
        ]
    )
    func passesThrough(suffix: String, format: ImageFormat) async throws {
        let file = TestImages.picture(0x1234_5678, side: 64).encoded(suffix)
        let prepared = try await preparer.prepare(file)
        #expect(prepared.bytes == file)
        #expect(prepared.format == format)
        #expect(prepared.width == 64 && prepared.height == 64)
        #expect(prepared.sha256 == Array(SHA256.hash(data: file)))
    }

    @Test(
        "grey and partly transparent files that fit pass through",
        arguments: [TestPicture.Model.grey, .greyAlpha, .rgba]
    )
    func plainModelsPass(model: TestPicture.Model) async throws {
        let bands = model == .grey ? 1 : model == .greyAlpha ? 2 : 4
        let file = TestPicture(model, width: 9, height: 5) { x, y in (0..<bands).map { UInt16(x * 20 + y + $0) } }
            .encoded(".png")
        #expect(try await preparer.prepare(file).bytes == file)
    }

    @Test("a picture of one pixel passes through")
    func onePixel() async throws {
        let file = TestPicture(.rgb, width: 1, height: 1, colour: [1, 2, 3]).encoded(".png")
        let prepared = try await preparer.prepare(file)
        #expect(prepared.bytes == file && prepared.width == 1 && prepared.height == 1)
    }

    @Test("a large photo is scaled to a longest side of 1,024", arguments: [(2_048, 512), (600, 1_200), (1_025, 3)])
    func scalesDown(width: Int, height: Int) async throws {
        let file = TestPicture(.rgb, width: width, height: height, colour: [200, 100, 50]).encoded(".jpg")
        let prepared = try await preparer.prepare(file)
        let seen = try #require(DecodedPicture(prepared.bytes))
        #expect(prepared.format == .jpeg)
        #expect(max(prepared.width, prepared.height) == 1_024)
        #expect(seen.width == prepared.width && seen.height == prepared.height)
        let ratio = Double(prepared.width) / Double(prepared.height) * Double(height) / Double(width)
        #expect(abs(ratio - 1) < 0.01 || min(prepared.width, prepared.height) <= 3)
    }

    @Test("a line of pixels keeps at least one pixel of width")
    func thinLine() async throws {
        let file = TestPicture(.rgb, width: 1, height: 5_000, colour: [9, 9, 9]).encoded(".png")
        let prepared = try await preparer.prepare(file)
        #expect(prepared.width == 1 && prepared.height == 1_024)
    }

    @Test("a small picture is never enlarged")
    func keepsSmall() async throws {
        let file = TestPicture(.rgb16, width: 20, height: 10, colour: [0, 0, 0]).encoded(".png")
        let prepared = try await preparer.prepare(file)
        #expect(prepared.width == 20 && prepared.height == 10)
    }

    @Test("a progressive JPEG that is too large is scaled like any other")
    func progressive() async throws {
        let file = TestPicture(.rgb, width: 1_500, height: 1_500, colour: [10, 200, 30]).encoded(".jpg[interlace]")
        let prepared = try await preparer.prepare(file)
        #expect(prepared.width == 1_024)
        let pixel = try #require(DecodedPicture(prepared.bytes)).pixel(512, 512)
        #expect(pixel.isNear([10, 200, 30]))
    }

    @Test("only the first frame of an animation is used")
    func animation() async throws {
        var strip = TestPicture(.rgb, width: 40, height: 120) { _, y in y < 40 ? [250, 0, 0] : [0, 0, 250] }
        strip.frames = 3
        let prepared = try await preparer.prepare(strip.encoded(".webp"))
        #expect(prepared.format == .jpeg && prepared.width == 40 && prepared.height == 40)
        #expect(try #require(DecodedPicture(prepared.bytes)).pixel(20, 20).isNear([250, 0, 0]))
    }

    @Test("the same file gives the same bytes on every thread")
    func deterministic() async throws {
        let file = TestPicture(.rgba, width: 1_100, height: 40) { x, y in
            [UInt16(x % 256), UInt16(y * 6), UInt16((x ^ y) % 256), UInt16(128 + x % 100)]
        }.encoded(".png")
        let expected = try await preparer.prepare(file)
        try await withThrowingTaskGroup(of: PreparedImage.self) { group in
            for _ in 0..<8 { group.addTask { try await preparer.prepare(file) } }
            for try await prepared in group { #expect(prepared == expected) }
        }
    }

    @Test("a task that is cancelled while its image waits gets no verdict on the image")
    func cancelledWhileQueued() async throws {
        let file = TestImages.png(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await preparer.prepare(file)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

extension [UInt8] {
    /// Whether each sample is within what a lossy format may change.
    func isNear(_ other: [UInt8], tolerance: Int = 12) -> Bool {
        count == other.count && zip(self, other).allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
    }
}
