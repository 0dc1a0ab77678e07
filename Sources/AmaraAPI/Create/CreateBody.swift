import CrashPoints
import FoundationEssentials
import NIOCore

/// The JSON body of a POST, made piece by piece while it is sent, so a 3 MB image is never held twice.
///
/// Source: the reference, "Create Generation"; the image is raw base64, without a data URL.
struct CreateBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// Image bytes a piece: a multiple of 3, so that only the last piece is padded.
    private static let pieceBytes = 48 * 1_024
    private static let head = #"{"image":""#

    private let image: [UInt8]
    /// What follows the image: `"}` or `","mode":"fast"}`.
    private let tail: [UInt8]
    private let gate: SendGate

    init(image: [UInt8], parameters: GenerationParameters, gate: SendGate) throws {
        self.image = image
        let fields = try JSONEncoder().encode(Fields(parameters))
        tail = fields.count > 2 ? Array("\",".utf8) + fields.dropFirst() : Array("\"}".utf8)
        self.gate = gate
    }

    /// Exact length in bytes, for `Content-Length`.
    var length: Int { Self.head.utf8.count + Base64.length(of: image.count) + tail.count }

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: CreateBody
        private var position = 0
        private var isStarted = false
        private var isEnded = false

        fileprivate init(body: CreateBody) { self.body = body }

        /// - Throws: before the first piece, what ``SendGate/open()`` throws.
        mutating func next() async throws -> ByteBuffer? {
            guard !isEnded else {
                CrashPoint.afterPost.reached()
                return nil
            }
            var piece = ByteBuffer()
            if !isStarted {
                try body.gate.open()
                CrashPoint.beforePost.reached()
                isStarted = true
                piece.writeString(CreateBody.head)
            }
            let end = Swift.min(position + CreateBody.pieceBytes, body.image.count)
            Base64.write(body.image[position..<end], into: &piece)
            position = end
            if position == body.image.count {
                piece.writeBytes(body.tail)
                isEnded = true
            }
            return piece
        }
    }

    /// The fields beside the image; absent ones leave the provider's default.
    private struct Fields: Encodable {
        let mode: GenerationMode?
        let prompt: String?
        let seed: Int64?
        let decimation_target: Int?
        let texture_size: Int?

        init(_ parameters: GenerationParameters) {
            mode = parameters.mode
            prompt = parameters.prompt
            seed = parameters.seed
            decimation_target = parameters.decimationTarget
            texture_size = parameters.textureSize
        }
    }
}
