/// Why a file is not a GLB that can be published.
package enum GLBDefect: Error, Hashable, CustomStringConvertible {
    /// The first bytes are not `glTF`; at most 8 of them, as printable text in quotes.
    case wrongMagic(start: String)
    case unsupportedVersion(UInt32)
    /// Fewer bytes than even the header needs.
    case tooShort(bytes: Int64)
    /// The header's length is not the file's: usually a download that ended early.
    case wrongLength(declared: Int64, actual: Int64)
    /// The file is, or says it is, larger than what is accepted.
    case tooLarge(bytes: Int64, maximum: Int64)
    /// A chunk's length is no multiple of four.
    case misalignedChunk(index: Int, length: Int64)
    /// A chunk or its header reaches past the end of the file.
    case chunkBeyondEnd(index: Int)
    /// The first chunk is not JSON, or is empty, or is no object.
    case noJSON
    /// The file could not be read; the system's words.
    case unreadable(reason: String)

    /// One line without the file's name, safe for terminals and logs.
    package var description: String {
        switch self {
        case .wrongMagic(let start): "not a GLB (starts with \(start))"
        case .unsupportedVersion(let version): "glTF version \(version), not 2"
        case .tooShort(let bytes): "truncated GLB: \(bytes) bytes are less than a header"
        case .wrongLength(let declared, let actual):
            "\(actual < declared ? "truncated" : "overlong") GLB: \(actual) bytes of \(declared)"
        case .tooLarge(let bytes, let maximum): "GLB of \(bytes) bytes is larger than the \(maximum) accepted"
        case .misalignedChunk(let index, let length):
            "corrupt GLB: chunk \(index) has \(length) bytes, no multiple of 4"
        case .chunkBeyondEnd(let index): "corrupt GLB: chunk \(index) reaches past the end of the file"
        case .noJSON: "corrupt GLB: the first chunk is not a JSON object"
        case .unreadable(let reason): "cannot read the GLB: \(reason)"
        }
    }

    /// The word for this defect in metrics and error codes.
    package var code: String {
        switch self {
        case .wrongMagic: "glb_wrong_magic"
        case .unsupportedVersion: "glb_unsupported_version"
        case .tooShort, .wrongLength: "glb_wrong_length"
        case .tooLarge: "glb_too_large"
        case .misalignedChunk, .chunkBeyondEnd, .noJSON: "glb_corrupt"
        case .unreadable: "glb_unreadable"
        }
    }
}
