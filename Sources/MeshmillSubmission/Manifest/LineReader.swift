/// A text file, one line at a time, in memory that does not grow with the file.
///
/// A value: a copy goes on from where it was made, since each read says at which offset.
struct LineReader: Sendable {
    /// The longest line, in bytes; of a longer one only this much is kept.
    static let maximumLineBytes = 64 * 1_024
    private static let chunkBytes = 256 * 1_024

    struct Line: Sendable {
        /// Counted from 1.
        let number: Int
        /// The line with its ending, which the last line may lack.
        let bytes: ArraySlice<UInt8>
        /// Whether something of the line was dropped.
        let isCut: Bool
    }

    private let file: OpenFile
    private var offset: Int64 = 0
    private var buffer: ArraySlice<UInt8> = []
    private var reachedEnd = false
    private var number = 0

    init(_ file: OpenFile) { self.file = file }

    /// The next line that has something on it; `nil` at the end of the file.
    ///
    /// - Throws: ``SystemError`` when the file cannot be read.
    mutating func nextNotBlank() throws(SystemError) -> Line? {
        while let line = try next() {
            if line.isCut || !line.bytes.allSatisfy(Self.isSpace) { return line }
        }
        return nil
    }

    /// The next line, the first one without a byte order mark; `nil` at the end of the file.
    ///
    /// - Throws: ``SystemError`` when the file cannot be read.
    mutating func next() throws(SystemError) -> Line? {
        guard let line = try nextAsStored() else { return nil }
        guard line.number == 1, line.bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return line }
        return Line(number: 1, bytes: line.bytes.dropFirst(3), isCut: line.isCut)
    }

    private mutating func nextAsStored() throws(SystemError) -> Line? {
        number += 1
        if let line = takeLine() { return line }
        while !reachedEnd && buffer.count < Self.maximumLineBytes {
            try fill()
            if let line = takeLine() { return line }
        }
        guard buffer.count >= Self.maximumLineBytes else {
            defer { buffer = [] }
            return buffer.isEmpty ? nil : Line(number: number, bytes: buffer, isCut: false)
        }
        let kept = buffer.prefix(Self.maximumLineBytes)
        try skipLine()
        return Line(number: number, bytes: kept, isCut: true)
    }

    /// Cuts a line off the buffer; `nil` when the buffer holds no whole one within the limit.
    private mutating func takeLine() -> Line? {
        guard let end = buffer.prefix(Self.maximumLineBytes).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let bytes = buffer[...end]
        buffer = buffer[(end + 1)...]
        return Line(number: number, bytes: bytes, isCut: false)
    }

    private mutating func skipLine() throws(SystemError) {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                buffer = buffer[(end + 1)...]
                return
            }
            buffer = []
            guard !reachedEnd else { return }
            try fill()
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private mutating func fill() throws(SystemError) {
        let chunk = try file.read(at: offset, count: Self.chunkBytes)
        offset += Int64(chunk.count)
        reachedEnd = chunk.isEmpty
        buffer = buffer.isEmpty ? chunk[...] : buffer + chunk
    }
}
