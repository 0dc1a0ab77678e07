/// Two sources whose results would have one name.
package struct OutputCollision: Sendable, Hashable, CustomStringConvertible {
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// `a.png` and `a.jpg`.
        case sameName = "same_name"
        /// `A.png` and `a.png`, or one accented letter in two Unicode forms: one file on many file systems.
        case sameOnSomeFileSystems = "same_on_some_file_systems"
        /// A folder `x.glb/` and the result `x.glb`.
        case folderAgainstFile = "folder_against_file"
    }

    package let reason: Reason
    /// The source that was added later.
    package let source: String
    /// The source that had the name first.
    package let other: String
    /// The result of ``source`` that cannot be written.
    package let output: String

    package var description: String {
        let sources = "\(PathText.printable(other)) and \(PathText.printable(source))"
        let output = PathText.printable(output)
        return switch reason {
        case .sameName: "\(sources) would both become \(output); rename one of them"
        case .sameOnSomeFileSystems:
            "\(sources) would become \(output) in two spellings, one file on many disks; rename one of them"
        case .folderAgainstFile: "\(sources) would make \(output) a folder and a file; rename one of them"
        }
    }
}
