package import AmaraAPI
import Crypto
import Foundation

/// What a checked POST asks for, with the provider's defaults filled in; the image itself is gone.
package struct GenerationRequest: Sendable, Hashable {
    /// SHA-256 of the image's bytes, in lower-case hexadecimal.
    package var imageSHA256: String
    package var mode: GenerationMode
    package var prompt: String
    package var seed: Int64
    package var decimationTarget: Int
    package var textureSize: Int

    package init(
        imageSHA256: String,
        mode: GenerationMode = .fast,
        prompt: String = "",
        seed: Int64 = 42,
        decimationTarget: Int = 300_000,
        textureSize: Int = 2_048
    ) {
        self.imageSHA256 = imageSHA256
        self.mode = mode
        self.prompt = prompt
        self.seed = seed
        self.decimationTarget = decimationTarget
        self.textureSize = textureSize
    }

    /// SHA-256 over the image and all parameters, in lower-case hexadecimal: equal requests, and only they, share it.
    package var fingerprint: String {
        let numbers = "\(mode.rawValue)\n\(seed)\n\(decimationTarget)\n\(textureSize)"
        return Hexadecimal.text(SHA256.hash(data: Data("\(imageSHA256)\n\(numbers)\n\(prompt)".utf8)))
    }
}
