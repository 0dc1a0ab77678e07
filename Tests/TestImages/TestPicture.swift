import CVips

/// A picture that a test makes, pixel by pixel.
package struct TestPicture: Sendable {
    /// How the samples of a pixel are meant.
    package enum Model: Sendable {
        case grey, greyAlpha, rgb, rgba, cmyk
        /// 16 bits a sample.
        case grey16, rgb16
    }

    package let width: Int
    package let height: Int
    package let model: Model
    /// Samples row by row; two bytes each, in the machine's order, for 16-bit models.
    package let samples: [UInt8]
    /// EXIF orientation, 1 to 8; nil writes none.
    package var orientation: Int?
    /// Frames that the picture is cut into, one below the other.
    package var frames = 1
    /// Metadata to embed, by libvips' name, like `icc-profile-data`.
    package var metadata: [String: [UInt8]] = [:]

    /// Makes a picture by asking for each pixel's samples, 0 to 255, or to 65,535 for 16-bit models.
    package init(_ model: Model, width: Int, height: Int, pixel: (_ x: Int, _ y: Int) -> [UInt16]) {
        self.model = model
        self.width = width
        self.height = height
        var samples: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let values = pixel(x, y)
                precondition(values.count == model.bands, "\(values.count) samples for \(model)")
                for value in values {
                    samples +=
                        model.isWide ? withUnsafeBytes(of: value, Array.init) : [UInt8(truncatingIfNeeded: value)]
                }
            }
        }
        self.samples = samples
    }

    /// Makes a picture of one colour.
    package init(_ model: Model, width: Int, height: Int, colour: [UInt16]) {
        self.init(model, width: width, height: height) { _, _ in colour }
    }

    /// The picture as a file, in the format and with the options of a suffix like `.jpg[Q=80,interlace]`.
    package func encoded(_ suffix: String) -> [UInt8] {
        TestImages.startLibrary()
        let made = samples.withUnsafeBytes {
            meshmill_vips_make(
                $0.baseAddress,
                $0.count,
                Int32(width),
                Int32(height),
                Int32(model.bands),
                model.isWide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR,
                model.interpretation
            )
        }
        guard let image = made else { preconditionFailure("libvips makes no picture") }
        defer { meshmill_vips_release(image) }
        if let orientation { vips_image_set_int(image, "orientation", Int32(orientation)) }
        if frames > 1 {
            vips_image_set_int(image, "page-height", Int32(height / frames))
            vips_image_set_int(image, "n-pages", Int32(frames))
        }
        for (name, bytes) in metadata { vips_image_set_blob_copy(image, name, bytes, bytes.count) }
        var bytes: UnsafeMutableRawPointer?
        var length = 0
        guard meshmill_vips_encode(image, suffix, &bytes, &length) == 0, let bytes else {
            preconditionFailure("libvips does not write \(suffix): \(String(cString: vips_error_buffer()))")
        }
        defer { g_free(bytes) }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }
}

extension TestPicture.Model {
    fileprivate var bands: Int {
        switch self {
        case .grey, .grey16: 1
        case .greyAlpha: 2
        case .rgb, .rgb16: 3
        case .rgba, .cmyk: 4
        }
    }

    fileprivate var isWide: Bool { self == .grey16 || self == .rgb16 }

    fileprivate var interpretation: VipsInterpretation {
        switch self {
        case .grey, .greyAlpha: VIPS_INTERPRETATION_B_W
        case .rgb, .rgba: VIPS_INTERPRETATION_sRGB
        case .cmyk: VIPS_INTERPRETATION_CMYK
        case .grey16: VIPS_INTERPRETATION_GREY16
        case .rgb16: VIPS_INTERPRETATION_RGB16
        }
    }
}
