import CVips

/// A picture of libvips, released with its last use; it moves between threads only as a whole.
struct DecodedImage: ~Copyable {
    private let image: UnsafeMutablePointer<VipsImage>

    private init?(owning image: UnsafeMutablePointer<VipsImage>?) {
        guard let image else { return nil }
        self.image = image
    }

    deinit { meshmill_vips_release(image) }

    /// Reads a file's header, without its pixels; nil on failure.
    ///
    /// The bytes must outlive the picture.
    static func header(of file: UnsafeRawBufferPointer) -> DecodedImage? {
        DecodedImage(owning: meshmill_vips_open(file.baseAddress, file.count))
    }

    /// Decodes a file to its end: upright, sRGB or grey, 8 bits, longest side at most `side`; nil on failure.
    ///
    /// With `byProfile`, colours are converted by the file's own profile, else taken as sRGB.
    static func pixels(
        of file: UnsafeRawBufferPointer,
        longestSide side: Int,
        byProfile: Bool
    ) -> DecodedImage? {
        DecodedImage(
            owning: meshmill_vips_decode(file.baseAddress, file.count, Int32(clamping: side), byProfile ? 1 : 0)
        )
    }

    var width: Int { Int(vips_image_get_width(image)) }
    var height: Int { Int(vips_image_get_height(image)) }
    /// EXIF orientation, 1 (upright) to 8.
    var orientation: Int { Int(vips_image_get_orientation(image)) }
    /// Number of frames, 1 for a still picture.
    var frames: Int { Int(vips_image_get_n_pages(image)) }

    /// Whether the file is an interlaced PNG or a progressive JPEG, so that a decoder cannot go line by line.
    var isInterlaced: Bool { vips_image_get_typeof(image, "interlaced") != 0 }

    /// Whether the pixels are 8-bit grey or sRGB as they stand in the file, so that nothing need be converted.
    var isPlain: Bool {
        guard vips_image_get_format(image) == VIPS_FORMAT_UCHAR else { return false }
        switch vips_image_get_interpretation(image) {
        case VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_B_W: return !hasForeignProfile
        default: return false
        }
    }

    /// Whether the file holds a colour profile that does not call itself sRGB.
    var hasForeignProfile: Bool {
        var length = 0
        guard let profile = meshmill_vips_profile(image, &length) else { return false }
        // The description is ASCII in version 2 of ICC and UTF-16 in version 4; either way near the start.
        let head = UnsafeRawBufferPointer(start: profile, count: min(length, 4_096))
        return !head.holds(Array("sRGB".utf8)) && !head.holds([0x73, 0, 0x52, 0, 0x47, 0, 0x42])
    }

    /// Whether no pixel is even partly transparent; nil on failure.
    var isOpaque: Bool? {
        var opaque: gboolean = 0
        guard meshmill_vips_is_opaque(image, &opaque) == 0 else { return nil }
        return opaque != 0
    }

    /// The picture laid on white, without its alpha; nil on failure.
    func flattened() -> DecodedImage? {
        DecodedImage(owning: meshmill_vips_flatten(image))
    }

    /// The picture as a PNG without metadata; nil on failure.
    func png() -> [UInt8]? {
        Self.taking { meshmill_vips_save_png(image, $0, $1) }
    }

    /// The picture as a JPEG without metadata, quality 1 to 100; nil on failure.
    func jpeg(quality: Int) -> [UInt8]? {
        Self.taking { meshmill_vips_save_jpeg(image, Int32(clamping: quality), $0, $1) }
    }

    /// Copies a buffer that an encoder made and frees it.
    private static func taking(
        _ encode: (UnsafeMutablePointer<UnsafeMutableRawPointer?>, UnsafeMutablePointer<Int>) -> Int32
    ) -> [UInt8]? {
        var bytes: UnsafeMutableRawPointer?
        var length = 0
        defer { g_free(bytes) }
        guard encode(&bytes, &length) == 0, let bytes else { return nil }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a run of bytes occurs anywhere; for short runs in short buffers.
    fileprivate func holds(_ run: [UInt8]) -> Bool {
        guard count >= run.count else { return false }
        return (0...(count - run.count)).contains { self[$0..<($0 + run.count)].elementsEqual(run) }
    }
}
