import ArgumentParser
import Foundation

/// `meshmill manual`: the manual page.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Write the manual page: meshmill manual | man -l -",
        discussion: "In the macros man(7), for man1/meshmill.1. It tells of every command of this version."
    )

    func run() throws {
        let dump = try JSONDecoder().decode(CommandInfo.Dump.self, from: Data(Meshmill._dumpHelp().utf8))
        try Output.write(ManualPage(dump.command, version: Meshmill.version).text)
    }
}
