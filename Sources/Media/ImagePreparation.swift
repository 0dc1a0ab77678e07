import Crypto

/// The work on one file, on a thread that may block.
struct ImagePreparation: Sendable {
    let file: [UInt8]
    let format: ImageFormat
    let limits: ImageLimits

    /// JPEG qualities in the order in which they are tried; the first does for every photo (0.6 MB at 1,024 px).
    static let qualities = [90, 80, 65, 50]

    func run() throws(ImageRejection) -> PreparedImage {
        // Not `withUnsafeBytes`, which forgets the type of what is thrown.
        try file.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(ImageRejection) in
            let raw = UnsafeRawBufferPointer(bytes)
            let plan = try plan(for: raw)
            guard
                let pixels = DecodedImage.pixels(
                    of: raw,
                    longestSide: limits.longestSide,
                    byProfile: plan.convertsByProfile
                )
            else { throw corrupt() }
            if plan.passes { return image(file, format, pixels) }
            return try encode(pixels)
        }
    }

    /// What a header tells about the work to do.
    private struct Plan {
        /// The file may go out as it is, once it proved to be whole.
        let passes: Bool
        let convertsByProfile: Bool
    }

    /// Refuses what must not be decoded.
    private func plan(for file: UnsafeRawBufferPointer) throws(ImageRejection) -> Plan {
        guard let header = DecodedImage.header(of: file) else { throw corrupt() }
        let (pixels, overflow) = header.width.multipliedReportingOverflow(by: header.height)
        guard !overflow && pixels <= limits.maximumPixels else {
            throw .tooManyPixels(width: header.width, height: header.height, limits: limits)
        }
        let passes =
            header.isPlain && header.orientation == 1 && header.frames == 1 && file.count <= limits.maximumBytes
            && max(header.width, header.height) <= limits.longestSide
        return Plan(passes: passes, convertsByProfile: header.hasForeignProfile)
    }

    private func encode(_ pixels: borrowing DecodedImage) throws(ImageRejection) -> PreparedImage {
        guard let isOpaque = pixels.isOpaque else { throw corrupt() }
        if !isOpaque, let png = pixels.png(), png.count <= limits.maximumBytes {
            return image(png, .png, pixels)
        }
        guard let flat = pixels.flattened() else { throw corrupt() }
        for quality in Self.qualities {
            guard let jpeg = flat.jpeg(quality: quality) else { throw corrupt() }
            if jpeg.count <= limits.maximumBytes { return image(jpeg, .jpeg, flat) }
        }
        throw .doesNotFit(limits)
    }

    private func image(_ bytes: [UInt8], _ format: ImageFormat, _ pixels: borrowing DecodedImage) -> PreparedImage {
        PreparedImage(
            bytes: bytes,
            format: format,
            width: pixels.width,
            height: pixels.height,
            sha256: Array(SHA256.hash(data: bytes))
        )
    }

    private func corrupt() -> ImageRejection {
        .corrupt(format, detail: ImageLibrary.takeMessage())
    }
}
