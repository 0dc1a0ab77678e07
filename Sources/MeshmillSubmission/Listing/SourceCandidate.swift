import Artifacts

/// A source that was named or found, before anything of it was read.
struct SourceCandidate: Sendable, Hashable {
    /// A row of a manifest.
    struct Row: Sendable, Hashable {
        /// The manifest as the user named it, and the row's line: `manifest.csv:17`.
        let place: String
        /// Whether the row has an `out`.
        let choosesOutput: Bool
    }

    /// The image's absolute path.
    var source: String
    /// The image as the user would name it.
    var name: String
    /// Where its results go, below the batch's output folder.
    var output: OutputName
    /// Whether a link in the last component may be followed; a plain file that turned into a link is refused.
    var followsLink: Bool
    var template: JobTemplate
    /// The row that names it; `nil` for one that was named on the command line or found in a folder.
    var row: Row? = nil

    /// The name, and for a row its place: `manifest.csv:17 (chairs/red.png)`.
    var placedName: String { row.map { "\($0.place) (\(name))" } ?? name }
}

/// What a job is given beside its image and its output.
struct JobTemplate: Sendable, Hashable {
    var parameters: JobParameters
    var priority: Int = 0
    var customID: String?
}
