import Crypto

/// Checks a GLB while its bytes go by, in one pass and constant memory.
///
/// Feed it the pieces in order, then ask for the verdict: `consume`, `consume`, …, `finish`. The checks are those of
/// the container: magic, version 2, header length equal to the file's length, and a walk over the chunks, of which the
/// first must be a JSON object. Meshes are not parsed.
///
/// Source: glTF 2.0 specification, section 4.4 "Binary glTF Layout".
package struct GLBInspector {
    /// Default cap on a result's size, in bytes: 512 MiB, far above what the provider makes.
    package static let defaultMaximumBytes: Int64 = 512 << 20

    private static let headerLength = 12
    private static let chunkHeaderLength = 8
    private static let jsonChunk: UInt32 = 0x4E4F_534A  // "JSON", little-endian

    private let maximumBytes: Int64
    private var hash = SHA256()
    private var position: Int64 = 0
    private var declaredLength: Int64 = 0
    private var chunkIndex = -1
    /// Bytes of the current chunk that are still to come.
    private var chunkRemaining: Int64 = 0
    /// The bytes of a header that is not complete yet, at most 12.
    private var partialHeader: [UInt8] = []
    /// The first byte of the JSON chunk that is no white space, and the last.
    private var jsonStart: UInt8?
    private var jsonEnd: UInt8?

    /// Makes an inspector for one file.
    ///
    /// - Parameter maximumBytes: the largest file that passes.
    package init(maximumBytes: Int64 = Self.defaultMaximumBytes) {
        self.maximumBytes = maximumBytes
    }

    /// Takes the file's next bytes.
    ///
    /// - Throws: the defect that the bytes up to here show; the inspector is of no use after that.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(GLBDefect) {
        guard Int64(bytes.count) <= maximumBytes - position else {
            throw .tooLarge(bytes: position + Int64(bytes.count), maximum: maximumBytes)
        }
        hash.update(bufferPointer: bytes)
        position += Int64(bytes.count)
        var rest = bytes[...]
        while let first = rest.first {
            if chunkRemaining > 0 {
                rest = takeChunkBytes(rest)
            } else if declaredLength > 0 && chunkIndex >= 0 && position - Int64(rest.count) == declaredLength {
                throw .wrongLength(declared: declaredLength, actual: position)
            } else {
                partialHeader.append(first)
                rest = rest.dropFirst()
                try readHeaderIfComplete(at: position - Int64(rest.count))
            }
        }
    }

    /// Gives the verdict on all the bytes that were taken.
    ///
    /// - Throws: the defect, if there is one.
    package consuming func finish() throws(GLBDefect) -> VerifiedGLB {
        guard position >= Int64(Self.headerLength) else {
            throw partialHeader.isEmpty || "glTF".utf8.starts(with: partialHeader.prefix(4))
                ? .tooShort(bytes: position) : .wrongMagic(start: PrintableText.quoted(partialHeader.prefix(8)))
        }
        guard position == declaredLength else { throw .wrongLength(declared: declaredLength, actual: position) }
        // The length is right, so a header that is still incomplete can never be.
        guard partialHeader.isEmpty else { throw .chunkBeyondEnd(index: chunkIndex + 1) }
        guard jsonStart == UInt8(ascii: "{"), jsonEnd == UInt8(ascii: "}") else { throw .noJSON }
        return VerifiedGLB(bytes: position, sha256: Array(hash.finalize()))
    }

    /// Moves past bytes inside a chunk and returns those behind it.
    private mutating func takeChunkBytes(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let count = Int(min(Int64(bytes.count), chunkRemaining))
        chunkRemaining -= Int64(count)
        if chunkIndex == 0 {
            let isText = { (byte: UInt8) in ![0x20, 0x09, 0x0A, 0x0D].contains(byte) }
            let taken = bytes.prefix(count)
            if jsonStart == nil { jsonStart = taken.first(where: isText) }
            jsonEnd = taken.last(where: isText) ?? jsonEnd
        }
        return bytes.dropFirst(count)
    }

    /// Reads the file header or a chunk header once all of it is there; `end` is where it ends in the file.
    private mutating func readHeaderIfComplete(at end: Int64) throws(GLBDefect) {
        if end <= Int64(Self.headerLength) {
            guard partialHeader.count == Self.headerLength else { return }
            try readFileHeader()
        } else {
            guard partialHeader.count == Self.chunkHeaderLength else { return }
            try readChunkHeader(endingAt: end)
        }
        partialHeader.removeAll(keepingCapacity: true)
    }

    private mutating func readFileHeader() throws(GLBDefect) {
        guard partialHeader.starts(with: "glTF".utf8) else {
            throw .wrongMagic(start: PrintableText.quoted(partialHeader.prefix(8)))
        }
        let version = headerWord(at: 4)
        guard version == 2 else { throw .unsupportedVersion(version) }
        declaredLength = Int64(headerWord(at: 8))
        guard declaredLength <= maximumBytes else { throw .tooLarge(bytes: declaredLength, maximum: maximumBytes) }
        // Room for a JSON chunk of at least `{}` and its padding.
        guard declaredLength >= Int64(Self.headerLength + Self.chunkHeaderLength + 4) else { throw .noJSON }
    }

    private mutating func readChunkHeader(endingAt end: Int64) throws(GLBDefect) {
        chunkIndex += 1
        let length = Int64(headerWord(at: 0))
        guard length % 4 == 0 else { throw .misalignedChunk(index: chunkIndex, length: length) }
        // Both are below 2³³, so nothing overflows.
        guard end + length <= declaredLength else { throw .chunkBeyondEnd(index: chunkIndex) }
        if chunkIndex == 0 && headerWord(at: 4) != Self.jsonChunk { throw .noJSON }
        chunkRemaining = length
    }

    /// Four bytes of the header at hand as a little-endian number.
    private func headerWord(at offset: Int) -> UInt32 {
        partialHeader[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
