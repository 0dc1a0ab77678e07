import BlockingWork

/// A listed item, and for a source what file it is.
enum InspectedItem: Sendable {
    case source(SourceCandidate, FileIdentity)
    case refused(SourceRefusal)
    case ignored

    /// Looks at the files of a batch without reading them.
    static func inspect(_ items: [ListedItem], with reader: SourceReader) async throws -> [InspectedItem] {
        try await ThreadPool.files.run { items.map { InspectedItem($0, reader) } }
    }

    private init(_ item: ListedItem, _ reader: SourceReader) {
        switch item {
        case .ignored: self = .ignored
        case .refused(let refusal): self = .refused(refusal)
        case .candidate(let candidate):
            do {
                self = .source(candidate, try reader.identity(of: candidate))
            } catch {
                self = .refused(SourceRefusal(candidate, problem: error.description))
            }
        }
    }
}

extension SourceRefusal {
    init(_ candidate: SourceCandidate, problem: String) {
        self.init(source: candidate.source, name: candidate.name, problem: problem)
    }
}
