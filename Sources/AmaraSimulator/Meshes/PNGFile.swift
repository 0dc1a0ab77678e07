package import Foundation

/// A PNG of 8-bit RGB whose pixels are stored without compression.
///
/// Source: PNG specification, third edition; RFC 1950 and RFC 1951, section 3.2.4.
package struct PNGFile {
    package let width: Int
    package let height: Int
    /// Three bytes a pixel, row by row.
    package let pixels: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    package var data: Data {
        var file = Data(PNGHeader.signature)
        var header = Data()
        header.append(bigEndian: UInt32(width))
        header.append(bigEndian: UInt32(height))
        header.append(contentsOf: [8, 2, 0, 0, 0])  // 8 bits, RGB, deflate, filtered by row, not interlaced
        append("IHDR", header, to: &file)
        append("IDAT", stored(filtered), to: &file)
        append("IEND", Data(), to: &file)
        return file
    }

    /// Each row behind its filter byte, zero for none.
    private var filtered: [UInt8] {
        var rows: [UInt8] = []
        for row in 0..<height {
            rows.append(0)
            rows += pixels[row * width * 3..<(row + 1) * width * 3]
        }
        return rows
    }

    /// A zlib stream of stored blocks, each at most 65,535 bytes.
    private func stored(_ bytes: [UInt8]) -> Data {
        var stream = Data([0x78, 0x01])
        var start = 0
        repeat {
            let end = min(start + 65_535, bytes.count)
            let length = UInt16(end - start)
            stream.append(end == bytes.count ? 1 : 0)
            for number in [length, ~length] {
                stream.append(UInt8(truncatingIfNeeded: number))
                stream.append(UInt8(truncatingIfNeeded: number >> 8))
            }
            stream.append(contentsOf: bytes[start..<end])
            start = end
        } while start < bytes.count
        stream.append(bigEndian: Checksum.adler32(bytes))
        return stream
    }

    private func append(_ type: String, _ content: Data, to file: inout Data) {
        file.append(bigEndian: UInt32(content.count))
        let checked = Data(type.utf8) + content
        file.append(checked)
        file.append(bigEndian: Checksum.crc32(checked))
    }
}
