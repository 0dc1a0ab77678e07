import Media

/// Small pictures by number: equal numbers give equal files, different ones different content.
package enum TestImages {
    /// A PNG of about 300 bytes.
    package static func png(_ number: Int, side: Int = 32) -> [UInt8] {
        picture(number, side: side).encoded(".png")
    }

    /// A JPEG of about 700 bytes.
    package static func jpeg(_ number: Int, side: Int = 32) -> [UInt8] {
        picture(number, side: side).encoded(".jpg[Q=90,subsample_mode=off]")
    }

    /// A lossless WebP of about 200 bytes.
    package static func webp(_ number: Int, side: Int = 32) -> [UInt8] {
        picture(number, side: side).encoded(".webp[lossless]")
    }

    /// Starts libvips, or ends the tests with the reason.
    static func startLibrary() {
        do {
            try ImageLibrary.start()
        } catch {
            preconditionFailure(error.description)
        }
    }

    /// A coloured square whose 8 × 8 fields spell the number's 64 bits in black and white around its middle.
    package static func picture(_ number: Int, side: Int = 32) -> TestPicture {
        let bits = UInt64(bitPattern: Int64(number))
        let colour: [UInt16] = [0, 8, 16].map { shift in
            let byte = (bits >> UInt64(shift)) & 255
            return UInt16(64 + byte * 37 % 128)
        }
        return TestPicture(.rgb, width: side, height: side) { x, y in
            let field = (y * 8 / side) * 8 + x * 8 / side
            return bits >> UInt64(field) & 1 == 1 ? [255, 255, 255] : colour
        }
    }
}
