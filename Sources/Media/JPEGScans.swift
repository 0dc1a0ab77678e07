import Glibc

/// Counts the passes over its pixels that a JPEG asks for.
enum JPEGScans {
    /// Number of scans in a file; a photo has 1, a progressive one about 10, and nothing forbids a million.
    ///
    /// Walks the markers: what has a length is skipped, and in the pixels' data `FF` stands only before `00`, a restart
    /// marker or the next real one. Source: ITU-T T.81, annex B.
    static func count(in file: UnsafeRawBufferPointer) -> Int {
        var scans = 0
        var position = 2
        while let marker = nextMarker(in: file, from: position) {
            let type = file[marker + 1]
            switch type {
            case 0xD9: return scans
            case 0x00, 0x01, 0xD0...0xD8, 0xFF: position = type == 0xFF ? marker + 1 : marker + 2
            default:
                guard marker + 3 < file.count else { return scans }
                if type == 0xDA { scans += 1 }
                position = marker + 2 + (Int(file[marker + 2]) << 8 | Int(file[marker + 3]))
            }
        }
        return scans
    }

    /// Where the next `FF` stands that another byte follows; nil at the end.
    private static func nextMarker(in file: UnsafeRawBufferPointer, from position: Int) -> Int? {
        guard position + 1 < file.count, let start = file.baseAddress,
            let found = memchr(start + position, 0xFF, file.count - 1 - position)
        else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
