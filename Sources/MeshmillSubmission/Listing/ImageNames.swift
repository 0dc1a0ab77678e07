/// Which names in a folder are those of images to submit.
enum ImageNames {
    /// Endings that are looked for, in any case.
    static let endings = [".png", ".jpg", ".jpeg", ".webp"]

    /// Whether the name ends like an image's and has something before the ending.
    static func isCandidate(_ name: ArraySlice<UInt8>) -> Bool {
        endings.contains { hasEnding(name, $0) }
    }

    /// The `b.glb` that lies beside a `b.thumbnail.png` which Meshmill wrote; `nil` for any other name.
    ///
    /// Output folders of earlier runs may lie in a folder that is searched, and their thumbnails are no sources.
    static func mesh(besideThumbnail name: ArraySlice<UInt8>) -> [UInt8]? {
        for ending in endings where hasEnding(name, ".thumbnail" + ending) {
            return name.dropLast(".thumbnail".utf8.count + ending.utf8.count) + Array(".glb".utf8)
        }
        return nil
    }

    /// Compares ASCII letters without their case; `ending` is in lower case.
    private static func hasEnding(_ name: ArraySlice<UInt8>, _ ending: String) -> Bool {
        guard name.count > ending.utf8.count else { return false }
        return zip(name.suffix(ending.utf8.count), ending.utf8).allSatisfy { byte, wanted in
            byte == wanted || ((0x41...0x5A).contains(byte) && byte | 0x20 == wanted)
        }
    }
}
