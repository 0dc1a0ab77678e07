import Media
import TestImages
import Testing

@Suite("Converting colours")
struct ColourTests {
    let preparer = ImagePreparer(threads: 1)

    @Test("a CMYK JPEG becomes an RGB JPEG of about the same colour")
    func cmyk() async throws {
        let file = TestPicture(.cmyk, width: 32, height: 32, colour: [0, 255, 255, 0]).encoded(".jpg")
        let prepared = try await preparer.prepare(file)
        let seen = try #require(DecodedPicture(prepared.bytes))
        #expect(prepared.format == .jpeg && seen.bands == 3)
        let pixel = seen.pixel(16, 16)
        #expect(pixel[0] > 180 && pixel[1] < 80 && pixel[2] < 80, "\(pixel) is no red")
    }

    @Test("16 bits a channel become 8", arguments: [TestPicture.Model.rgb16, .grey16])
    func sixteenBits(model: TestPicture.Model) async throws {
        let colour: [UInt16] = model == .grey16 ? [32_896] : [65_535, 32_896, 0]
        let file = TestPicture(model, width: 16, height: 16, colour: colour).encoded(".png[bitdepth=16]")
        try #require(DecodedPicture(file)?.depth == 16)
        let seen = try #require(DecodedPicture(try await preparer.prepare(file).bytes))
        #expect(seen.depth == 8)
        #expect(seen.pixel(8, 8).isNear(colour.map { UInt8($0 >> 8) }))
    }

    @Test("a wide-gamut profile is converted to sRGB and dropped")
    func wideGamut() async throws {
        // In Display P3 this green lies outside sRGB, so conversion must clip red away.
        let file = TestPicture(.rgb, width: 32, height: 32, colour: [60, 250, 60]).encoded(".png[profile=p3]")
        let prepared = try await preparer.prepare(file)
        let seen = try #require(DecodedPicture(prepared.bytes))
        #expect(prepared.bytes != file && !seen.metadata.contains("icc-profile-data"))
        #expect(seen.pixel(16, 16)[0] < 30, "\(seen.pixel(16, 16)) was not converted")
    }

    @Test("an sRGB profile needs no conversion")
    func sRGBProfile() async throws {
        let file = TestPicture(.rgb, width: 32, height: 32, colour: [60, 250, 60]).encoded(".png[profile=srgb]")
        #expect(try await preparer.prepare(file).bytes == file)
    }

    @Test("a profile that makes no sense costs the profile, not the picture", arguments: 0..<3)
    func brokenProfile(kind: Int) async throws {
        let picture = TestPicture(.rgb, width: 32, height: 32, colour: [60, 120, 180])
        let valid = try #require(DecodedPicture(picture.encoded(".png[profile=p3]"))?.profile)
        let profile: [UInt8] =
            switch kind {
            case 0: Array(repeating: 0x41, count: 400)
            case 1: Array(valid.prefix(300))
            // The colour space in its header, so that it fits no RGB picture.
            default: Array(valid[..<16]) + Array("CMYK".utf8) + Array(valid[20...])
            }
        let segment = Array("ICC_PROFILE\0\u{1}\u{1}".utf8) + profile
        let prepared = try await preparer.prepare(JPEGBytes.inserting(0xE2, segment, into: picture))
        #expect(try #require(DecodedPicture(prepared.bytes)).pixel(16, 16).isNear([60, 120, 180]))
    }

    @Test("transparency is kept as PNG when the picture must be scaled")
    func keepsAlpha() async throws {
        let file = TestPicture(.rgba, width: 1_200, height: 60) { x, _ in [255, 0, 0, x < 600 ? 0 : 255] }.encoded(
            ".png"
        )
        let prepared = try await preparer.prepare(file)
        let seen = try #require(DecodedPicture(prepared.bytes))
        #expect(prepared.format == .png && seen.bands == 4 && seen.width == 1_024)
        #expect(seen.pixel(10, 20)[3] == 0 && seen.pixel(1_000, 20) == [255, 0, 0, 255])
    }

    @Test("transparency is laid on white as JPEG when PNG does not fit")
    func flattensAlpha() async throws {
        var seed = SplitMix(seed: 1)
        let file = TestPicture(.rgba, width: 200, height: 200) { x, _ in
            (0..<3).map { _ in UInt16(seed.next() % 256) } + [x < 100 ? 0 : 255]
        }.encoded(".png")
        let small = ImagePreparer(threads: 1, limits: ImageLimits(maximumBytes: 60_000))
        let prepared = try await small.prepare(file)
        #expect(prepared.format == .jpeg && prepared.bytes.count <= 60_000)
        #expect(try #require(DecodedPicture(prepared.bytes)).pixel(40, 100).isNear([255, 255, 255]))
    }

    @Test("an alpha channel that hides nothing does not keep a picture from becoming JPEG")
    func opaqueAlpha() async throws {
        let file = TestPicture(.rgba, width: 1_100, height: 20, colour: [1, 2, 3, 255]).encoded(".png")
        let prepared = try await preparer.prepare(file)
        #expect(prepared.format == .jpeg)
        #expect(try #require(DecodedPicture(prepared.bytes)).bands == 3)
    }
}

/// A small generator of chance that a seed repeats.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
