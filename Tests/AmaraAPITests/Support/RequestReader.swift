import NIOCore

/// Reads requests from a connection's bytes, without a parser of its own opinion.
struct RequestReader: ~Copyable {
    struct ConnectionEnded: Error {}

    private var chunks: AsyncStream<ByteBuffer>.Iterator
    private var buffered = ""

    init(_ chunks: AsyncStream<ByteBuffer>.Iterator) {
        self.chunks = chunks
    }

    /// What comes first, at least a byte.
    mutating func bytes() async throws -> String {
        if buffered.isEmpty { try await more() }
        defer { buffered = "" }
        return buffered
    }

    /// The next head, up to and with its empty line; body bytes that came along are kept for the next read.
    mutating func head() async throws -> String {
        while true {
            if let end = buffered.firstRange(of: "\r\n\r\n")?.upperBound {
                let head = String(buffered[..<end])
                buffered.removeSubrange(..<end)
                return head
            }
            try await more()
        }
    }

    /// The next head and its body.
    mutating func request() async throws -> String {
        let head = try await head()
        let length = head.split(separator: "\r\n").compactMap { line -> Int? in
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2, field[0].lowercased() == "content-length" else { return nil }
            return Int(field[1].drop { $0 == " " })
        }.first
        guard let length else { return head }
        while buffered.utf8.count < length { try await more() }
        defer { buffered = "" }
        return head + buffered
    }

    /// Reads on until the other side closes.
    mutating func drain() async {
        while await chunks.next(isolation: #isolation) != nil {}
    }

    private mutating func more() async throws {
        guard let chunk = await chunks.next(isolation: #isolation) else { throw ConnectionEnded() }
        buffered += String(buffer: chunk)
    }
}
