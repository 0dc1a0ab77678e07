/// A value that a job cannot be given.
package struct InvalidParameter: Error, Hashable, CustomStringConvertible {
    /// The field's name as manifests and the reference spell it.
    package let field: String
    /// What is wrong with the value, as the end of a sentence that starts with the field's name.
    package let problem: String

    package init(_ field: String, _ problem: String) {
        self.field = field
        self.problem = problem
    }

    /// One line, such as `texture_size 512 is not within 1024...4096`.
    package var description: String { "\(field) \(problem)" }

    static func check(_ field: String, _ value: Int, within range: ClosedRange<Int>) throws(InvalidParameter) {
        guard range.contains(value) else {
            throw InvalidParameter(field, "\(value) is not within \(range.lowerBound)...\(range.upperBound)")
        }
    }
}
