/// One step of reading a list of sources.
enum ListedItem: Sendable, Equatable {
    case candidate(SourceCandidate)
    case refused(SourceRefusal)
    /// A file below a folder whose name is not that of an image, or one that Meshmill itself wrote.
    case ignored
}
