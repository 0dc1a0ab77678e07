/// Why a file is not read as an image, in a few words that follow its name.
struct SourceProblem: Error, Equatable, CustomStringConvertible {
    let description: String
    /// Whether this says nothing about the file, and reading it later may work.
    let isPassing: Bool

    init(_ description: String) {
        self.description = description
        isPassing = false
    }

    init(_ error: SystemError) {
        description = error.description
        isPassing = error.isShortageOfDescriptors
    }
}
