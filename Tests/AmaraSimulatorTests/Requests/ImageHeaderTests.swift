import AmaraSimulator
import Foundation
import Testing

@Suite("Image headers")
struct ImageHeaderTests {
    /// Whole files of 300 x 200 pixels, without pixels where the format allows.
    private static let files: [String: Data] = [
        "png": Samples.png(width: 300, height: 200),
        "jpeg": jpeg(marker: 0xC0),
        "progressive jpeg": jpeg(marker: 0xC2),
        "lossy webp": webp(
            "VP8 ",
            [0x10, 0, 0, 0x9D, 0x01, 0x2A] + Samples.littleEndian(300, 2) + Samples.littleEndian(200, 2)
        ),
        "lossless webp": webp("VP8L", [0x2F] + Samples.littleEndian(299 | 199 << 14, 4)),
        "extended webp": webp("VP8X", Data(count: 4) + Samples.littleEndian(299, 3) + Samples.littleEndian(199, 3)),
    ]

    private static func jpeg(marker: UInt8) -> Data {
        let application = Data([0xFF, 0xE0]) + Samples.bigEndian(16, 2) + Data(count: 14)
        let frame = Data([0xFF, 0xFF, marker]) + Samples.bigEndian(8 + 9, 2) + [8] + Samples.bigEndian(200, 2)
        let scan = Data([0xFF, 0xDA]) + Samples.bigEndian(12, 2) + Data(count: 10)
        let pixels = Data([1, 2, 3, 0xFF, 0x00, 4])
        return Data([0xFF, 0xD8]) + application + frame + Samples.bigEndian(300, 2) + [3] + Data(count: 9) + scan
            + pixels
            + [0xFF, 0xD9]
    }

    private static func webp(_ type: String, _ content: Data) -> Data {
        let padded = content + Data(count: content.count % 2)
        let chunk = Data(type.utf8) + Samples.littleEndian(content.count, 4) + padded
        return Data("RIFF".utf8) + Samples.littleEndian(chunk.count + 4, 4) + Data("WEBP".utf8) + chunk
    }

    @Test("every format tells its dimensions", arguments: files.keys.sorted())
    func dimensions(name: String) throws {
        let header = try ImageHeader.read(#require(Self.files[name]))
        #expect(name.hasSuffix(header.format.rawValue))
        #expect((header.width, header.height) == (300, 200))
    }

    @Test("a file cut off anywhere is refused", arguments: files.keys.sorted())
    func truncated(name: String) throws {
        let file = try #require(Self.files[name])
        for length in 0..<file.count {
            // A PNG's end is recognized by its type; the four bytes of its checksum are part of it.
            #expect(throws: RequestProblem.self, "\(length) of \(file.count)") {
                try ImageHeader.read(file.prefix(length))
            }
        }
    }

    @Test("bytes changed at random are refused or read, never a crash", arguments: files.keys.sorted())
    func mutated(name: String) throws {
        let file = try #require(Self.files[name])
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            var broken = file
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let index = Int.random(in: 0..<broken.count, using: &random)
                broken[index] = UInt8.random(in: .min ... .max, using: &random)
            }
            if let header = try? ImageHeader.read(broken) { #expect(header.width > 0 && header.height > 0) }
        }
    }

    @Test(
        "other formats are refused by name",
        arguments: ["GIF89a", "BM", "II*\0", "<svg/>", "%PDF-1.4", "RIFF1234AVI "]
    )
    func otherFormats(text: String) {
        #expect(throws: RequestProblem.image("Invalid image format. Supported formats: PNG, JPEG, WebP.")) {
            try ImageHeader.read(Data(text.utf8) + Data(count: 64))
        }
    }

    @Test("a JPEG may carry something behind its end")
    func trailingBytes() throws {
        let file = try #require(Self.files["jpeg"]) + Data(count: 1_000)
        #expect(try ImageHeader.read(file).width == 300)
    }
}
