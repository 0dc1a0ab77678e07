import ArgumentParser
import FoundationEssentials
import MeshmillStore
import MeshmillTerminal

/// `meshmill top`: what goes on, live and full-screen.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch keys, batches, tenants, workers and errors, full-screen; ? shows its keys.",
        discussion:
            "Changes nothing, unless --rw lets p pause or resume what is selected and S stop or start submitting."
    )

    @Flag(name: .customLong("rw"), help: "Let keys pause, resume, stop and start; each asks first.")
    var isWriting = false

    @Option(help: "Time between two looks.")
    var every = LengthOfTime(.seconds(1))

    func validate() throws {
        guard every.duration >= .milliseconds(200) else { throw ValidationError("--every must be at least 0.2s") }
    }

    func run() async throws {
        guard Terminal.canAsk, Terminal.outputIsTerminal else {
            throw Failure(.usage, "top needs a terminal; for a program there is: meshmill status --json")
        }
        let (isWriting, pause) = (isWriting, every.duration)
        let style = TerminalStyle(variables: ProcessInfo.processInfo.environment)
        try await Interruption.cancelling {
            try await Installation.with { installation in
                let screen = try FullScreen()
                defer { screen.close() }
                var session = TopSession(installation, screen, isWriting: isWriting, style: style, pause: pause)
                try await session.run()
            }
        }
    }
}
