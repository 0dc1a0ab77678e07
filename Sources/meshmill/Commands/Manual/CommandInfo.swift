/// A command as ArgumentParser describes it (`--experimental-dump-help`), as far as the manual page needs it.
struct CommandInfo: Decodable {
    /// The whole description, at whose top the program's own command stands.
    struct Dump: Decodable {
        var command: CommandInfo
    }

    /// An argument, an option or a flag.
    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String

            /// As it is typed.
            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        /// `positional`, `option` or `flag`.
        var kind: String
        var names: [Name]?
        var valueName: String?
        var abstract: String?
        var discussion: String?
        var defaultValue: String?
        var isOptional: Bool
        var isRepeating: Bool
        var shouldDisplay: Bool

        var isPositional: Bool { kind == "positional" }
        /// Those that every command has.
        var isCommon: Bool { names?.contains { ["help", "version"].contains($0.name) } ?? false }
    }

    var commandName: String
    var superCommands: [String]?
    var abstract: String?
    var discussion: String?
    var subcommands: [CommandInfo]?
    var arguments: [Argument]?
    var shouldDisplay: Bool

    /// As it is typed, with the commands above it.
    var path: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    /// The commands that do something, in their order, those below this one included.
    var leaves: [CommandInfo] {
        guard shouldDisplay, commandName != "help" else { return [] }
        guard let subcommands, !subcommands.isEmpty else { return [self] }
        return subcommands.flatMap(\.leaves)
    }
}
