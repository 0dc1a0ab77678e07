import Glibc

/// What the markers of a JPEG tell of its pixels' data, without decoding any.
struct JPEGOutline {
    /// Number of passes over the pixels; a photo has 1, a progressive one about 10, and nothing forbids a million.
    private(set) var scans = 0
    /// Whether the end marker is there; what stands behind it belongs to no picture.
    private(set) var isEnded = false

    /// Walks the markers of a file that begins like a JPEG, up to its end marker.
    ///
    /// What has a length is skipped, a thumbnail in the metadata too, and in the pixels' data `FF` stands only before
    /// `00`, a restart marker or the next real one. Source: ITU-T T.81, annex B.
    init(of file: UnsafeRawBufferPointer) {
        var position = 2
        while let marker = Self.nextMarker(in: file, from: position) {
            let type = file[marker + 1]
            switch type {
            case 0xD9:
                isEnded = true
                return
            case 0x00, 0x01, 0xD0...0xD8, 0xFF: position = type == 0xFF ? marker + 1 : marker + 2
            default:
                guard marker + 3 < file.count else { return }
                if type == 0xDA { scans += 1 }
                position = marker + 2 + (Int(file[marker + 2]) << 8 | Int(file[marker + 3]))
            }
        }
    }

    /// Where the next `FF` stands that another byte follows; nil at the end.
    private static func nextMarker(in file: UnsafeRawBufferPointer, from position: Int) -> Int? {
        guard position + 1 < file.count, let start = file.baseAddress,
            let found = memchr(start + position, 0xFF, file.count - 1 - position)
        else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
