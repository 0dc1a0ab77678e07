/// What is wrong with a key file; nothing of it is used then.
package struct KeyFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Problems that are kept; beyond that they are only counted.
    package static let maximumListed = 20

    /// A line of the file, and what is wrong there; never a secret.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// From 1; nil if the file as a whole is wrong.
        package let line: Int?
        package let problem: String

        package var description: String { line.map { "line \($0): \(problem)" } ?? problem }
    }

    /// The first ``maximumListed``, in the order of the lines.
    package private(set) var problems: [Problem] = []
    /// How many there are.
    package private(set) var count = 0

    mutating func add(_ problem: String, line: Int?) {
        count += 1
        if problems.count < Self.maximumListed { problems.append(Problem(line: line, problem: problem)) }
    }

    /// The problems, separated by semicolons: one line.
    package var description: String {
        let listed = problems.prefix(3).map(\.description).joined(separator: "; ")
        return count > 3 ? "\(listed); and \(count - 3) more" : listed
    }
}
