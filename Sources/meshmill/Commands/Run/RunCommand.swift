import ArgumentParser
import MeshmillCore
import MeshmillWorker

/// `meshmill run`: the whole job in one process.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Turn images into GLBs: submit, work, and end when the last mesh is there.",
        discussion: """
            The same command goes on where it stopped, whatever stopped it, and spends nothing twice. Ctrl-C ends in \
            order; a second one leaves at once.
            """
    )

    @OptionGroup var options: SubmissionOptions

    @Option(help: "How long to wait for credits or quota before giving up; windows are always waited for.")
    var maxWait = LengthOfTime(.seconds(3_600))

    func run() async throws {
        let (options, maxWait) = (options, maxWait.duration)
        let stop = StopSignal()
        let exit = try await Interruption.stopping(stop) {
            try await RunSession(options: options, maxWait: maxWait, stop: stop).run()
        }
        guard exit == .done else { throw exit }
    }
}
