/// A source that becomes no job, and why.
package struct SourceRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The image's absolute path, or `manifest.csv:17` for a row that names none.
    package let source: String
    /// The source as the user would name it: the path as typed or as found below it, or the manifest's row.
    package let name: String
    /// What is wrong, without the name: printable, one line.
    package let problem: String

    package init(source: String, name: String, problem: String) {
        self.source = source
        self.name = name
        self.problem = problem
    }

    /// One line, safe for a terminal, such as `photos/x.png: empty file; skipped`.
    package var description: String { "\(Printable.name(name)): \(problem); skipped" }
}
