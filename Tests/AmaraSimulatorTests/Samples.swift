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
}
