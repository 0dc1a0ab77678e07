import Media
import TestImages
import Testing

@Suite("Turning images upright")
struct OrientationTests {
    static let width = 48
    static let height = 32

    /// What must be seen: red, green, blue and white quarters.
    static func upright(_ x: Int, _ y: Int) -> [UInt16] {
        switch (x < width / 2, y < height / 2) {
        case (true, true): [255, 0, 0]
        case (false, true): [0, 255, 0]
        case (true, false): [0, 0, 255]
        case (false, false): [255, 255, 255]
        }
    }

    /// The same picture as a camera stores it.
    ///
    /// Source: EXIF 2.32, tag 0x0112.
    static func stored(_ orientation: Int) -> TestPicture {
        let right = width - 1
        let bottom = height - 1
        let isTurned = orientation > 4
        var picture = TestPicture(.rgb, width: isTurned ? height : width, height: isTurned ? width : height) { x, y in
            switch orientation {
            case 1: upright(x, y)
            case 2: upright(right - x, y)
            case 3: upright(right - x, bottom - y)
            case 4: upright(x, bottom - y)
            case 5: upright(y, x)
            case 6: upright(right - y, x)
            case 7: upright(right - y, bottom - x)
            default: upright(y, bottom - x)
            }
        }
        picture.orientation = orientation
        return picture
    }

    @Test("each EXIF orientation of a JPEG comes out upright", arguments: 1...8)
    func jpeg(orientation: Int) async throws {
        try await expectUpright(Self.stored(orientation).encoded(".jpg[Q=95,subsample_mode=off]"))
    }

    @Test("the EXIF orientation of a PNG or WebP counts as well", arguments: [".png", ".webp[lossless]"])
    func otherFormats(suffix: String) async throws {
        var picture = Self.stored(6)
        picture.metadata["exif-data"] = Self.exif(orientation: 6)
        try await expectUpright(picture.encoded(suffix))
    }

    @Test("an orientation that does not exist is taken as upright")
    func absurdOrientation() async throws {
        var picture = Self.stored(1)
        picture.metadata["exif-data"] = Self.exif(orientation: 77)
        try await expectUpright(picture.encoded(".png"))
    }

    private func expectUpright(_ file: [UInt8]) async throws {
        let prepared = try await ImagePreparer(threads: 1).prepare(file)
        let seen = try #require(DecodedPicture(prepared.bytes))
        #expect(seen.width == Self.width && seen.height == Self.height)
        #expect(!seen.metadata.contains("orientation") || prepared.bytes == file)
        for (x, y) in [(4, 4), (44, 4), (4, 28), (44, 28)] {
            let expected = Self.upright(x, y).map(UInt8.init)
            #expect(seen.pixel(x, y).isNear(expected), "at \(x), \(y): \(seen.pixel(x, y))")
        }
    }

    /// The smallest EXIF block: a TIFF header and one tag.
    static func exif(orientation: UInt8) -> [UInt8] {
        Array("Exif\0\0II".utf8) + [0x2A, 0, 8, 0, 0, 0, 1, 0]
            + [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0] + [0, 0, 0, 0]
    }
}
