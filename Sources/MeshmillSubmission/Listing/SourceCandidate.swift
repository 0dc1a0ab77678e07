import Artifacts

/// A source that was named or found, before anything of it was read.
struct SourceCandidate: Sendable, Hashable {
    /// The image's absolute path.
    var source: String
    /// The image as the user would name it.
    var name: String
    /// Where its results go, below the batch's output folder.
    var output: OutputName
    /// Whether a link in the last component may be followed; a plain file that turned into a link is refused.
    var followsLink: Bool
    var template: JobTemplate
}

/// What a job is given beside its image and its output.
struct JobTemplate: Sendable, Hashable {
    var parameters: JobParameters
    var priority: Int = 0
    var customID: String?
}
