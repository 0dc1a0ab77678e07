import Crypto
import Synchronization

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
            guard let pixels = decode(raw, plan) else { throw corrupt() }
            let image = plan.passes ? image(file, format, pixels) : try encode(pixels)
            ImageLibrary.dropMessages()
            return image
        }
    }

    /// What a header tells about the work to do.
    private struct Plan {
        /// The file may go out as it is, once it proved to be whole.
        let passes: Bool
        let convertsByProfile: Bool
        /// The decoder will hold hundreds of megabytes.
        let isHeavy: Bool
    }

    /// From this many pixels on, a picture that is decoded as a whole takes 100 MB and more.
    private static let heavyPixels = 25_000_000
    /// Held while such a picture is decoded, so that memory does not grow with the number of processors.
    private static let heavyWork = Mutex(())

    private func decode(_ file: UnsafeRawBufferPointer, _ plan: Plan) -> DecodedImage? {
        guard plan.isHeavy else { return pixels(of: file, plan) }
        var decoded: DecodedImage?
        // Blocks a thread that is there to block.
        Self.heavyWork.withLock { _ in decoded = pixels(of: file, plan) }
        return decoded
    }

    private func pixels(of file: UnsafeRawBufferPointer, _ plan: Plan) -> DecodedImage? {
        .pixels(of: file, longestSide: limits.longestSide, byProfile: plan.convertsByProfile)
    }

    /// Refuses what must not be decoded.
    private func plan(for file: UnsafeRawBufferPointer) throws(ImageRejection) -> Plan {
        guard let header = DecodedImage.header(of: file) else { throw corrupt() }
        let (pixels, overflow) = header.width.multipliedReportingOverflow(by: header.height)
        guard !overflow && pixels <= limits.maximumPixels else {
            throw .tooManyPixels(width: header.width, height: header.height, limits: limits)
        }
        if format == .jpeg {
            let outline = JPEGOutline(of: file)
            guard outline.scans <= limits.maximumWork / max(1, pixels) else {
                throw .tooManyScans(outline.scans, width: header.width, height: header.height)
            }
            // The decoder stops with the last pixel: of 80 files without their last byte or two it found 2 whole.
            guard outline.isEnded else { throw .corrupt(format, detail: "no end marker") }
        } else if format == .png, !PNGOutline(of: file).isEnded {
            throw .corrupt(format, detail: "no end chunk")
        }
        let passes =
            header.isPlain && header.orientation == 1 && header.frames == 1 && file.count <= limits.maximumBytes
            && max(header.width, header.height) <= limits.longestSide
        let isHeavy = pixels >= Self.heavyPixels && (format == .webp || header.isInterlaced)
        return Plan(passes: passes, convertsByProfile: header.hasForeignProfile, isHeavy: isHeavy)
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
