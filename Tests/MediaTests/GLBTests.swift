import Crypto
import Media
import Testing

@Suite("Checking GLBs")
struct GLBTests {
    @Test("a whole file is known by its length and digest")
    func whole() throws {
        let file = GLBBytes.file(chunks: [
            GLBBytes.chunk("JSON", GLBBytes.json), GLBBytes.chunk("BIN", Array(repeating: 7, count: 1_001)),
            GLBBytes.chunk("XTRA", [1]), GLBBytes.chunk("NONE", []),
        ])
        let verified = try GLB.verify(file)
        #expect(verified == VerifiedGLB(bytes: Int64(file.count), sha256: Array(SHA256.hash(data: file))))
    }

    @Test(
        "THREAT 5: each defect is told by its name",
        arguments: [
            ([], GLBDefect.tooShort(bytes: 0)),
            (Array("glTF".utf8), .tooShort(bytes: 4)),
            (Array("<htm".utf8), .wrongMagic(start: #""<htm""#)),
            (Array("<!DOCTYPE html><html>".utf8), .wrongMagic(start: #""<!DOCTYP""#)),
            (GLBBytes.file(magic: "glTf"), .wrongMagic(start: #""glTf\x02\x00\x00\x00""#)),
            (GLBBytes.file(version: 1), .unsupportedVersion(1)),
            (GLBBytes.file(version: .max), .unsupportedVersion(.max)),
            (GLBBytes.file(length: 100), .wrongLength(declared: 100, actual: 48)),
            (Array(GLBBytes.file().dropLast()), .wrongLength(declared: 48, actual: 47)),
            (GLBBytes.file() + [0], .wrongLength(declared: 48, actual: 49)),
            (GLBBytes.file() + GLBBytes.file(), .wrongLength(declared: 48, actual: 96)),
            (GLBBytes.file(length: 12), .noJSON),
            (GLBBytes.file(length: 0), .noJSON),
            (GLBBytes.file(length: .max), .tooLarge(bytes: 4_294_967_295, maximum: 536_870_912)),
            (GLBBytes.file(chunks: [GLBBytes.chunk("BIN", GLBBytes.json)]), .noJSON),
            (GLBBytes.file(chunks: [GLBBytes.chunk("JSON", Array("not json at all".utf8))]), .noJSON),
            (GLBBytes.file(chunks: [GLBBytes.chunk("JSON", []), GLBBytes.chunk("BIN", [1])]), .noJSON),
            (
                GLBBytes.file(chunks: [GLBBytes.chunk("JSON", GLBBytes.json, length: 27)]),
                .misalignedChunk(index: 0, length: 27)
            ),
            (
                GLBBytes.file(chunks: [GLBBytes.chunk("JSON", GLBBytes.json, length: 0xFFFF_FFFC)]),
                .chunkBeyondEnd(index: 0)
            ),
            (
                GLBBytes.file(chunks: [
                    GLBBytes.chunk("JSON", GLBBytes.json), GLBBytes.chunk("BIN", [1, 2, 3, 4], length: 8),
                ]), .chunkBeyondEnd(index: 1)
            ),
            (GLBBytes.file(chunks: [GLBBytes.chunk("JSON", GLBBytes.json), [0, 0, 0, 0]]), .chunkBeyondEnd(index: 1)),
        ]
    )
    func defects(file: [UInt8], defect: GLBDefect) {
        #expect(throws: defect) { try GLB.verify(file) }
        #expect(!defect.description.contains("\n") && !defect.code.isEmpty)
    }

    @Test("a file above the cap is refused as soon as that shows")
    func cap() throws {
        let file = GLBBytes.file()
        #expect(try GLB.verify(file, maximumBytes: Int64(file.count)).bytes == Int64(file.count))
        #expect(throws: GLBDefect.self) { try GLB.verify(file, maximumBytes: Int64(file.count) - 1) }
        // Without end: the header announces more than is accepted.
        var inspector = GLBInspector(maximumBytes: 1_000)
        #expect(throws: GLBDefect.tooLarge(bytes: 2_000, maximum: 1_000)) {
            try GLBBytes.file(length: 2_000).withUnsafeBytes { try inspector.consume($0) }
        }
    }

    @Test("the verdict does not depend on how the bytes are cut", arguments: [1, 2, 3, 5, 7, 11, 64])
    func pieces(length: Int) throws {
        let file = GLBBytes.file(chunks: [
            GLBBytes.chunk("JSON", Array("  ".utf8) + GLBBytes.json), GLBBytes.chunk("BIN", Array(0..<200)),
        ])
        for candidate in [file, Array(file.dropLast(3)), file + [1]] {
            #expect(verdict(of: candidate, cutInto: length) == verdict(of: candidate, cutInto: candidate.count))
        }
    }

    @Test("bytes changed at random are refused or leave a file that walks", arguments: 0..<4)
    func mutations(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let file = GLBBytes.file(chunks: [
            GLBBytes.chunk("JSON", GLBBytes.json), GLBBytes.chunk("BIN", Array(0..<64)),
        ])
        for round in 0..<500 {
            var mutated = file
            for _ in 0...Int.random(in: 0...4, using: &random) {
                mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { mutated.removeLast(Int.random(in: 0..<mutated.count, using: &random)) }
            guard case .success(let verified) = verdict(of: mutated, cutInto: 13) else { continue }
            #expect(verified.bytes == Int64(mutated.count), "seed \(seed), round \(round)")
            #expect(mutated.starts(with: file.prefix(12)), "seed \(seed), round \(round)")
        }
    }

    private func verdict(of file: [UInt8], cutInto length: Int) -> Result<VerifiedGLB, GLBDefect> {
        Result { () throws(GLBDefect) in
            var inspector = GLBInspector()
            for start in stride(from: 0, to: file.count, by: max(1, length)) {
                let piece = Array(file[start..<min(start + length, file.count)])
                try piece.withUnsafeBufferPointer { (piece: UnsafeBufferPointer<UInt8>) throws(GLBDefect) in
                    try inspector.consume(UnsafeRawBufferPointer(piece))
                }
            }
            return try inspector.finish()
        }
    }
}
