import BlockingWork

/// A listing read in batches, off the threads that run tasks.
struct SourceBatches: Sendable {
    /// Items in a batch; between two batches a cancellation is noticed.
    static let size = 256

    private var listing: SourceListing?

    init(_ listing: SourceListing) { self.listing = listing }

    /// The next items; `nil` at the end.
    ///
    /// - Throws: ``SubmissionError/unreadable(_:)`` when a manifest stops being readable; `CancellationError`.
    mutating func next() async throws -> [ListedItem]? {
        guard let start = listing else { return nil }
        let (items, rest) = try await ThreadPool.files.run {
            Result { () throws(SubmissionError) in try Self.read(start) }
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
