import ArgumentParser

/// `meshmill submit`: queues images, for workers that run elsewhere.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Queue images for the workers of this installation.",
        discussion: """
            The same --out continues the same batch: submitting a folder again adds what is new or failed, and spends \
            nothing else. Equal images with equal parameters are one job; each still gets its GLB.
            """
    )

    @OptionGroup var options: SubmissionOptions

    func run() async throws {
        let options = options
        let exit = try await Installation.with { installation in
            let outcome = try await BatchSubmission(options: options, installation: installation).run()
            outcome.tellProblems()
            try Output.line(options.json ? JSONValue.object(outcome.fields).text : outcome.summary)
            return outcome.exit
        }
        guard exit == .done else { throw exit }
    }
}
