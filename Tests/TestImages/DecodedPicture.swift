import CVips

/// What a viewer would see of a file: its pixels as they stand in it.
package struct DecodedPicture: Sendable, Equatable {
    package let width: Int
    package let height: Int
    package let bands: Int
    /// Bits of a sample.
    package let depth: Int
    /// Names of the metadata that the file holds, as libvips calls them.
    package let metadata: Set<String>
    /// The embedded colour profile; nil if there is none.
    package let profile: [UInt8]?
    private let samples: [UInt8]

    /// Decodes a file; nil if that fails.
    package init?(_ file: [UInt8]) {
        TestImages.startLibrary()
        let decoded: DecodedPicture? = file.withUnsafeBytes { file in
            guard let image = meshmill_vips_open(file.baseAddress, file.count) else { return nil }
            defer { meshmill_vips_release(image) }
            return DecodedPicture(image)
        }
        guard let decoded else { return nil }
        self = decoded
    }

    private init?(_ image: UnsafeMutablePointer<VipsImage>) {
        var size = 0
        guard let memory = vips_image_write_to_memory(image, &size) else { return nil }
        defer { g_free(memory) }
        samples = Array(UnsafeRawBufferPointer(start: memory, count: size))
        width = Int(vips_image_get_width(image))
        height = Int(vips_image_get_height(image))
        bands = Int(vips_image_get_bands(image))
        depth = vips_image_get_format(image) == VIPS_FORMAT_USHORT ? 16 : 8
        let names = ["exif-data", "icc-profile-data", "xmp-data", "orientation"]
        var length = 0
        let profile = meshmill_vips_profile(image, &length)
        self.profile = profile.map { Array(UnsafeRawBufferPointer(start: $0, count: length)) }
        metadata = Set(names.filter { vips_image_get_typeof(image, $0) != 0 })
    }

    /// The samples of a pixel of an 8-bit picture.
    package func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        precondition(depth == 8 && (0..<width).contains(x) && (0..<height).contains(y))
        let start = (y * width + x) * bands
        return Array(samples[start..<(start + bands)])
    }
}
