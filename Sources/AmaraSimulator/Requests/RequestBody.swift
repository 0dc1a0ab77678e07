import AmaraAPI
import Crypto
package import Foundation

/// Reads and checks the body of a POST.
package enum RequestBody {
    /// Longest `image` that the provider takes, in base64 characters without a data URL's head.
    ///
    /// Source: the reference, "Image Requirements": "Max payload size 3MB, Base64-encoded".
    package static let maximumImageCharacters = 3_000_000

    /// Decodes a body and checks its image and parameters.
    ///
    /// - Throws: the first problem found: JSON, then the image, then the parameters.
    package static func read(_ body: Data) throws(RequestProblem) -> GenerationRequest {
        let fields = try decode(body)
        guard let image = fields.image, !image.isEmpty else {
            throw .body("Missing required field: image")
        }
        let bytes = try imageBytes(image)
        let header = try ImageHeader.read(bytes)
        guard max(header.width, header.height) <= ImageHeader.maximumSide else {
            throw .image(
                "Image too large: \(header.width)x\(header.height). Maximum dimension: \(ImageHeader.maximumSide)px."
            )
        }
        var request = GenerationRequest(imageSHA256: Hexadecimal.text(SHA256.hash(data: bytes)))
        if let name = fields.mode {
            guard let mode = GenerationMode(rawValue: name) else {
                throw .body("Invalid mode. Use one of: fast, standard, detailed")
            }
            request.mode = mode
        }
        if let target = fields.decimationTarget {
            request.decimationTarget = try check(
                target,
                "decimation_target",
                within: GenerationParameters.decimationTargets
            )
        }
        if let size = fields.textureSize {
            request.textureSize = try check(size, "texture_size", within: GenerationParameters.textureSizes)
        }
        request.prompt = fields.prompt ?? request.prompt
        request.seed = fields.seed?.value ?? request.seed
        return request
    }

    private static func decode(_ body: Data) throws(RequestProblem) -> RequestFields {
        do {
            return try JSONDecoder().decode(RequestFields.self, from: body)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context) {
            guard let field = context.codingPath.last else { throw .body("Request body is not a JSON object") }
            throw .body("Invalid value for field: \(field.stringValue)")
        } catch {
            throw .body("Request body is not a JSON object")
        }
    }

    /// The bytes of raw base64 or of a data URL.
    private static func imageBytes(_ image: String) throws(RequestProblem) -> Data {
        var base64 = Substring(image)
        if image.hasPrefix("data:") {
            guard let comma = image.firstIndex(of: ","), image[..<comma].hasSuffix(";base64") else {
                throw .image("Image is not a base64 data URL")
            }
            base64 = image[image.index(after: comma)...]
        }
        let characters = base64.utf8.count
        guard characters <= maximumImageCharacters else {
            let tenths = (characters + 99_999) / 100_000
            throw .image("Image too large: \(tenths / 10).\(tenths % 10)MB. Maximum size: 3MB.")
        }
        guard let bytes = Data(base64Encoded: String(base64)), !bytes.isEmpty else {
            throw .image("Image is not valid base64")
        }
        return bytes
    }

    private static func check(
        _ number: WholeNumber,
        _ name: String,
        within range: ClosedRange<Int>
    ) throws(RequestProblem) -> Int {
        guard let value = Int(exactly: number.value), range.contains(value) else {
            throw .body("\(name) must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }
}
