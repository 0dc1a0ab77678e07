/// Why a row of a manifest cannot be read, in words that follow its line number.
struct RowProblem: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    static let tooLong = RowProblem("the line is longer than \(LineReader.maximumLineBytes) bytes")
}
