/// The manual page of all commands, in the macros man(7).
struct ManualPage {
    private let root: CommandInfo
    private let version: String

    init(_ root: CommandInfo, version: String) {
        self.root = root
        self.version = version
    }

    /// The page.
    var text: String {
        var lines = [
            ".TH \(root.commandName.uppercased()) 1 \"\" \"\(root.commandName) \(version)\"",
            ".SH NAME", "\(root.commandName) \\- \(Self.escaped(Self.beginningLow(root.abstract ?? "")))",
            ".SH SYNOPSIS", ".B \(root.commandName)", ".I command", "[options]",
            ".SH DESCRIPTION",
        ]
        lines += Self.paragraphs(root.discussion)
        lines += [".PP", "Every command takes", ".BR \\-\\-help ;", "those that list take", ".BR \\-\\-json ."]
        lines.append(".SH COMMANDS")
        for command in root.leaves { lines += Self.section(command) }
        lines.append(".SH \"EXIT STATUS\"")
        for (status, meaning) in Self.exits { lines += Self.item(".B \(status)", meaning) }
        lines.append(".SH ENVIRONMENT")
        for (name, meaning) in Self.environment { lines += Self.item(".B \(name)", meaning) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ command: CommandInfo) -> [String] {
        let arguments = (command.arguments ?? []).filter { $0.shouldDisplay && !$0.isCommon }
        let places = arguments.filter(\.isPositional).map { argument in
            let name = (argument.valueName ?? "value").uppercased() + (argument.isRepeating ? "..." : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        var lines = [".SS \"\(escaped(([command.path] + places).joined(separator: " ")))\""]
        lines += paragraphs(command.abstract)
        if let discussion = command.discussion { lines += [".PP"] + paragraphs(discussion) }
        for argument in arguments { lines += item(tag(argument), meaning(argument)) }
        return lines
    }

    private static func tag(_ argument: CommandInfo.Argument) -> String {
        guard !argument.isPositional else { return ".I \(escaped((argument.valueName ?? "value").uppercased()))" }
        let names = (argument.names ?? []).map { "\\fB\(escaped($0.text))\\fR" }.joined(separator: ", ")
        return argument.kind == "flag" ? names : names + " \\fI\(escaped(argument.valueName ?? "value"))\\fR"
    }

    private static func meaning(_ argument: CommandInfo.Argument) -> String {
        var text = argument.abstract ?? ""
        if let discussion = argument.discussion { text += " " + discussion }
        if let value = argument.defaultValue, !value.isEmpty { text += " (default: \(value))" }
        if !argument.isPositional, !argument.isOptional { text += " Required." }
        return text
    }

    private static func item(_ tag: String, _ meaning: String) -> [String] {
        [".TP", tag] + paragraphs(meaning)
    }

    /// Texts with empty lines between them; what is indented stays as it stands.
    private static func paragraphs(_ text: String?) -> [String] {
        var lines: [String] = []
        var isIndented = false
        for line in (text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            let isIndentedNow = line.hasPrefix("  ")
            if isIndentedNow != isIndented { lines.append(isIndentedNow ? ".nf" : ".fi") }
            isIndented = isIndentedNow
            lines.append(line.allSatisfy(\.isWhitespace) ? ".PP" : escaped(String(line)))
        }
        if isIndented { lines.append(".fi") }
        return lines
    }

    /// Nothing that roff would take for its own: no escape, no request at the start of a line, no hyphen for a minus.
    private static func escaped(_ text: String) -> String {
        let safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\"", with: "\\(dq")
            .replacing("→", with: "\\(->").replacing("…", with: "...")
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }

    /// A sentence without its capital and its full stop, as the line under NAME has it.
    private static func beginningLow(_ sentence: String) -> String {
        let text = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
