import BlockingWork

/// A listing read in batches, off the threads that run tasks.
struct SourceBatches: Sendable {
    /// Items in a batch; between two batches a cancellation is noticed.
    static let size = 256

    private var listing: SourceListing?
    private let contested: ContestedOutputs
    private let reader: SourceReader

    /// Batches of all that is listed.
    ///
    /// - Parameters:
    ///   - listing: where reading starts.
    ///   - contested: outputs whose sources are refused here already if they cannot be images.
    ///   - reader: looks into these sources.
    init(_ listing: SourceListing, contested: ContestedOutputs, reader: SourceReader) {
        self.listing = listing
        self.contested = contested
        self.reader = reader
    }

    /// The next items; `nil` at the end.
    ///
    /// - Throws: ``SubmissionError/unreadable(_:)`` when a manifest stops being readable; `CancellationError`.
    mutating func next() async throws -> [ListedItem]? {
        guard let start = listing else { return nil }
        let (items, rest) = try await ThreadPool.files.run { [contested, reader] in
            Result { () throws(SubmissionError) in
                let (items, rest) = try Self.read(start)
                return (items.map { contested.judging($0, with: reader) }, rest)
            }
        }.get()
        listing = rest
        return items.isEmpty ? nil : items
    }

    private static func read(_ start: SourceListing) throws(SubmissionError) -> ([ListedItem], SourceListing?) {
        var listing = start
        var items: [ListedItem] = []
        while items.count < size {
            guard let item = try listing.next() else { return (items, nil) }
            items.append(item)
        }
        return (items, listing)
    }
}
