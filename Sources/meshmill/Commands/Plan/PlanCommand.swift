import ArgumentParser
import MeshmillCore
import MeshmillStore
import MeshmillSubmission
import MeshmillTerminal

/// `meshmill plan`: what it will cost and when it ends, before anything is spent.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what images or a number of jobs would cost, when they would end, and what holds them up.",
        discussion: """
            Plays the schedule forward over the keys' slots and quotas, together with every batch that waits. Sends no \
            POST, spends no credit, changes nothing. Without paths, a manifest or --jobs it plans what waits already.

            --what-if tries a change first, and may be repeated: \(WhatIf.forms).
            """
    )

    @Argument(help: "Images, and folders that are searched with all that is below.", completion: .file())
    var paths: [String] = []

    @Option(help: "A .csv or .jsonl file with one image a row, instead of paths.", completion: .file())
    var manifest: String?

    @Option(help: "Plan this many jobs instead.")
    var jobs: Int?

    @Option(help: "The folder for the GLBs: what its batch has already costs nothing.", completion: .directory)
    var out: String?

    @Option(help: "fast, standard or detailed: how long generations take while nothing is measured.")
    var mode: JobParameters.Mode = JobParameters.providerDefaults.mode

    @Option(help: "Who asks.")
    var tenant = "default"

    @Option(help: "-1000 to 1000; higher goes first.")
    var priority = 0

    @Option(help: "Most credits that it may spend. (default: no limit)")
    var maxCredits: Int?

    @Option(help: "Say how many keys would end it in this time.")
    var deadline: LengthOfTime?

    @Option(name: .customLong("what-if"), help: "Try a change, such as add-keys=2 or move-quota=a:b:50.")
    var whatIf: [WhatIf] = []

    @Flag(help: "Write a JSON object.")
    var json = false

    func validate() throws {
        guard [!paths.isEmpty, manifest != nil, jobs != nil].filter(\.self).count <= 1 else {
            throw ValidationError("give one of paths, --manifest FILE or --jobs N")
        }
        guard !paths.contains(""), manifest != "", out != "" else { throw ValidationError("a path is empty") }
        guard (0...Forecast.mostPosts).contains(jobs ?? 0) else {
            throw ValidationError("--jobs \(jobs ?? 0) is not within 0 to \(Forecast.mostPosts)")
        }
        guard NewJob.priorities.contains(priority) else {
            throw ValidationError("--priority \(priority) is not within -1000 to 1000")
        }
        guard maxCredits ?? 0 >= 0 else { throw ValidationError("--max-credits must not be negative") }
        guard deadline == nil || isAboutNewWork else {
            throw ValidationError("--deadline needs paths, --manifest FILE or --jobs N")
        }
    }

    /// Whether more is planned than what waits already.
    var isAboutNewWork: Bool { !paths.isEmpty || manifest != nil || jobs != nil }

    func run() async throws {
        let command = self
        let exit = try await Installation.with { installation in
            let found = try await command.survey(installation)
            let plan = try await Plan(command, newJobs: found?.newJobs ?? command.jobs, installation)
            if command.json {
                try Output.line(JSONValue.object((found?.fields ?? []) + plan.fields).text)
            } else {
                if let found { try Output.line(found.summary) }
                try plan.write()
            }
            return found?.report.invalidCount ?? 0 > 0 ? Exit.jobsFailed : .done
        }
        guard exit == .done else { throw exit }
    }

    /// Reads and prepares all images, and asks the batch which of them it has; nil where there are none to read.
    private func survey(_ installation: Installation) async throws -> PlannedImages? {
        guard !paths.isEmpty || manifest != nil else { return nil }
        let environment = installation.environment
        // Without --out nothing is there already; names still must not collide.
        let folder = Path.canonical(out ?? ".", in: environment.workingDirectory)
        let request = SubmissionRequest(
            sources: manifest.map(SubmissionRequest.Sources.manifest) ?? .paths(paths),
            outputFolder: folder,
            skippedFolders: [environment.home],
            parameters: try JobParameters(mode: mode),
            priority: priority,
            limit: nil,
            replaces: false,
            isDryRun: true
        )
        let intake = out == nil ? RehearsalIntake() : RehearsalIntake(installation.client, tenant: tenant, out: folder)
        let submission = try BatchSubmission.rehearsal(request, intake: intake, installation)
        let survey = try await submission.survey()
        let progress = SubmissionProgress()
        defer { progress.end() }
        return PlannedImages(report: try await submission.run(after: survey) { progress.show($0) }, survey: survey)
    }
}

extension WhatIf: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
