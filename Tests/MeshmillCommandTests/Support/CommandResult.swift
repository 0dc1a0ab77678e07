/// What a command wrote, and how it ended.
struct CommandResult: Sendable {
    var status: Int32
    var output: String
    var messages: String

    /// The lines on standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The only line on standard error; nil if there are more or none.
    var onlyMessage: String? {
        let lines = messages.split(separator: "\n")
        return lines.count == 1 ? String(lines[0]) : nil
    }
}
