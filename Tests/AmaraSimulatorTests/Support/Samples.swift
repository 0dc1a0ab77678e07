import AmaraSimulator
import Foundation

/// Small inputs that tests share.
enum Samples {
    /// A red pixel as PNG.
    static let png = """
        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==
        """

    /// A request for the mesh of the `number`th of many images.
    static func request(_ number: Int = 0) -> GenerationRequest {
        GenerationRequest(imageSHA256: "image \(number)")
    }

    /// The bytes of a PNG with a header and an end, but no pixels: enough for a provider that reads headers.
    static func png(width: Int, height: Int) -> Data {
        var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        data += bigEndian(13, 4) + Data("IHDR".utf8) + bigEndian(width, 4) + bigEndian(height, 4)
        data += [8, 2, 0, 0, 0] + bigEndian(0, 4)
        data += bigEndian(0, 4) + Data("IEND".utf8) + bigEndian(0, 4)
        return data
    }

    static func bigEndian(_ number: Int, _ length: Int) -> Data {
        Data((0..<length).map { UInt8(truncatingIfNeeded: number >> (8 * (length - 1 - $0))) })
    }

    static func littleEndian(_ number: Int, _ length: Int) -> Data {
        Data(bigEndian(number, length).reversed())
    }
}
