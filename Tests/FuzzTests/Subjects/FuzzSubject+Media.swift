@testable import Media

extension FuzzSubject {
    /// A downloaded mesh.
    static let glb = FuzzSubject(name: "glb", words: ["glTF", "JSON", "BIN\0", "{}  "]) { input in
        let whole = verdict(input, pieceLength: max(input.count, 1))
        for length in [1, 7] {
            let pieces = verdict(input, pieceLength: length)
            try BrokenPromise.unless(word(for: pieces) == word(for: whole), "pieces of \(length) bytes differ")
        }
        switch whole {
        case .success(let verified):
            try BrokenPromise.unless(verified.bytes == input.count, "\(verified.bytes) of \(input.count) bytes")
            try BrokenPromise.unless(isContainer(input), "a mesh that is no chain of chunks")
            return "verified"
        case .failure(let defect):
            try BrokenPromise.unlessShowable(defect.description, limit: 300)
            return kind(of: defect.description)
        }
    }

    /// A verdict without numbers: how far a file was read when it is refused depends on the pieces.
    private static func word(for verdict: Result<VerifiedGLB, GLBDefect>) -> String {
        switch verdict {
        case .success(let verified): "\(verified)"
        case .failure(let defect): kind(of: defect.description)
        }
    }

    private static func verdict(_ input: [UInt8], pieceLength: Int) -> Result<VerifiedGLB, GLBDefect> {
        Result { () throws(GLBDefect) in
            var inspector = GLBInspector(maximumBytes: 1 << 20)
            for start in stride(from: 0, to: input.count, by: pieceLength) {
                let piece = Array(input[start..<min(start + pieceLength, input.count)])
                try piece.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(GLBDefect) in
                    try inspector.consume(UnsafeRawBufferPointer(bytes))
                }
            }
            return try inspector.finish()
        }
    }

    /// The format's rules, read a second time from the specification (glTF 2.0, 4.4).
    private static func isContainer(_ file: [UInt8]) -> Bool {
        func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(file[at + $1]) << (8 * $1) } }
        guard file.count >= 20, word(0) == 0x4654_6C67, word(4) == 2, word(8) == file.count else { return false }
        guard word(16) == 0x4E4F_534A else { return false }
        var place = 12
        while place < file.count {
            guard place + 8 <= file.count, word(place) % 4 == 0 else { return false }
            place += 8 + word(place)
        }
        return place == file.count
    }

    /// An image of a user, through the decoder.
    static let image = FuzzSubject(name: "image", words: ["IHDR", "IDAT", "IEND", "RIFF", "WEBP", "VP8 ", "Exif\0\0"]) {
        input in
        if let rejection = ImageRejection(fileBeginning: Array(input.prefix(16))) {
            try BrokenPromise.unlessShowable(rejection.description, limit: 300)
            return kind(of: rejection.description)
        }
        guard let format = ImageFormat(signatureOf: input) else { throw BrokenPromise("an image of no format") }
        try ImageLibrary.start()
        let limits = ImageLimits(longestSide: 64, maximumBytes: 20_000, maximumPixels: 1_000_000)
        switch prepare(input, format, limits) {
        case .failure(let rejection):
            try BrokenPromise.unlessShowable(rejection.description, limit: 300)
            return "\(format) \(rejection.reason)"
        case .success(let image):
            try BrokenPromise.unless(image.bytes.count <= limits.maximumBytes, "\(image.bytes.count) bytes")
            let sides = 1...limits.longestSide
            try BrokenPromise.unless(
                sides.contains(image.width) && sides.contains(image.height),
                "\(image.width) x \(image.height) pixels"
            )
            try BrokenPromise.unless(ImageFormat(signatureOf: image.bytes) == image.format, "not the format it says")
            guard case .success(let again) = prepare(image.bytes, image.format, limits), again == image else {
                throw BrokenPromise("what was prepared does not pass")
            }
            return "\(format) as \(image.format)"
        }
    }

    private static func prepare(
        _ file: [UInt8],
        _ format: ImageFormat,
        _ limits: ImageLimits
    ) -> Result<PreparedImage, ImageRejection> {
        Result { () throws(ImageRejection) in try ImagePreparation(file: file, format: format, limits: limits).run() }
    }
}
