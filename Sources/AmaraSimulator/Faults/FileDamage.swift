/// What can be wrong with a file that a download delivers.
package enum FileDamage: String, Sendable, CaseIterable {
    /// The connection closes before the announced length.
    case truncated = "truncated_file"
    /// A whole answer whose file lacks its end.
    case short = "short_file"
    /// The right length, but the first chunk's type is overwritten, so that a walk over the chunks fails.
    case corrupt = "corrupt_file"
    /// A page of HTML instead of the file, with status 200.
    case page = "html_file"
}
