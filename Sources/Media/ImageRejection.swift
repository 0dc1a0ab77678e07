/// Why a file cannot become an input of the provider: a verdict on the file, the same at every try.
package struct ImageRejection: Error, Hashable, CustomStringConvertible {
    /// What is wrong, for counting and for programs; the raw value is the error code of reports.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case empty = "empty_file"
        case fileTooLarge = "file_too_large"
        case notAnImage = "not_an_image"
        case tooManyPixels = "too_many_pixels"
        case corrupt = "corrupt_image"
        case doesNotFit = "does_not_fit"
    }

    package let reason: Reason
    /// One line without the file's name, which the caller puts in front; safe for terminals and logs.
    package let description: String

    /// A file of no bytes.
    static let empty = ImageRejection(reason: .empty, description: "empty file")

    /// A file of more bytes than are read.
    package static func fileTooLarge(bytes: Int, limits: ImageLimits = ImageLimits()) -> ImageRejection {
        ImageRejection(
            reason: .fileTooLarge,
            description: "\(bytes) bytes are more than the \(limits.maximumFileBytes) that are read"
        )
    }

    /// A file that announces none of the three formats.
    static func notAnImage(_ file: [UInt8]) -> ImageRejection {
        let start = PrintableText.quoted(file.prefix(8))
        let name = ForeignFormat(signatureOf: file).map { " but \($0.rawValue)" } ?? ""
        return ImageRejection(
            reason: .notAnImage,
            description: "not a PNG, JPEG or WebP image\(name) (starts with \(start))"
        )
    }

    /// A header that announces more pixels than are decoded.
    static func tooManyPixels(width: Int, height: Int, limits: ImageLimits) -> ImageRejection {
        let cap =
            limits.maximumPixels >= 1_000_000
            ? "\(limits.maximumPixels / 1_000_000) megapixels" : "\(limits.maximumPixels) pixels"
        return ImageRejection(
            reason: .tooManyPixels,
            description: "\(width) × \(height) pixels are more than the \(cap) that are decoded"
        )
    }

    /// A JPEG whose scans go over its pixels far more often than any photo's.
    static func tooManyScans(_ scans: Int, width: Int, height: Int) -> ImageRejection {
        ImageRejection(
            reason: .tooManyPixels,
            description: "\(scans) scans of \(width) × \(height) pixels are more work than a picture is worth"
        )
    }

    /// A file that cannot be decoded to its end; the detail is what the decoder said, if it said anything.
    static func corrupt(_ format: ImageFormat, detail: String?) -> ImageRejection {
        ImageRejection(
            reason: .corrupt,
            description: "truncated or corrupt \(format.name)" + (detail.map { " (\($0))" } ?? "")
        )
    }

    /// A picture that stays above the byte limit however it is encoded.
    static func doesNotFit(_ limits: ImageLimits) -> ImageRejection {
        ImageRejection(
            reason: .doesNotFit,
            description: "does not fit into \(limits.maximumBytes) bytes at \(limits.longestSide) pixels"
        )
    }
}
