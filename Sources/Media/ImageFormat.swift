/// A picture format that the provider takes.
package enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    case png, jpeg, webp

    /// The format that a file's first bytes announce; nil for anything else.
    ///
    /// - Parameter file: at least the first 12 bytes of the file, or all of a shorter one.
    package init?(signatureOf file: some Collection<UInt8>) {
        let head = Array(file.prefix(12))
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if head.starts(with: "RIFF".utf8) && head.dropFirst(8).elementsEqual("WEBP".utf8) {
            self = .webp
        } else {
            return nil
        }
    }

    /// The format that a file name's extension promises, in either case; nil for any other.
    package init?(fileExtension: some StringProtocol) {
        let lowercased = fileExtension.lowercased()
        guard let format = Self.allCases.first(where: { $0.fileExtensions.contains(lowercased) }) else { return nil }
        self = format
    }

    /// The media type, as HTTP writes it.
    package var mediaType: String { "image/\(rawValue)" }

    /// The extension that files of ours get, without the dot.
    package var fileExtension: String { fileExtensions[0] }

    /// Extensions under which such files are found, lower case, without the dot; ours first.
    package var fileExtensions: [String] {
        switch self {
        case .png: ["png"]
        case .jpeg: ["jpg", "jpeg"]
        case .webp: ["webp"]
        }
    }

    /// The format's name, as people write it.
    package var name: String {
        switch self {
        case .png: "PNG"
        case .jpeg: "JPEG"
        case .webp: "WebP"
        }
    }
}
