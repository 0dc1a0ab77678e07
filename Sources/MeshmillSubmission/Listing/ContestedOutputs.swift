import Artifacts

/// Outputs that several sources would have, so that it matters which of these can be images at all.
///
/// Only sources of contested outputs are looked into, and only at their first bytes: a file that is no image is refused
/// anyway and must not stop one that is.
struct ContestedOutputs: Sendable, Equatable {
    /// The outputs' keys; mostly there are none.
    var keys: Set<OutputKey> = []

    /// The item as it is, or the refusal of a source that contends for an output and cannot be an image.
    func judging(_ item: ListedItem, with reader: SourceReader) -> ListedItem {
        guard !keys.isEmpty, case .candidate(let candidate) = item, isWanted(by: candidate),
            let problem = reader.obstacle(to: candidate)
        else { return item }
        return .refused(SourceRefusal(candidate, problem: problem))
    }

    private func isWanted(by candidate: SourceCandidate) -> Bool {
        keys.contains(OutputKey(stem: candidate.output.stem)) || !keys.isDisjoint(with: candidate.folderKeys)
    }
}
