import Artifacts
import BlockingWork
import Glibc
import Media
import MeshmillStore
import MeshmillSubmission
import MeshmillTerminal
import PostgresClient

/// Submits what the options say: what `run` and `submit` begin with.
struct BatchSubmission {
    /// What was submitted, and to which batch.
    struct Outcome: Sendable {
        /// Nil after a dry run.
        var batchID: Int64?
        var folder: OutputFolder
        /// Whether a person paused the batch, so that its jobs wait.
        var isPaused: Bool
        var report: SubmissionReport
        var links: MissingLinks.Report
    }

    /// Jobs above which a person is asked before credits are spent.
    static let askingAbove = 100

    let options: SubmissionOptions
    let installation: Installation

    /// What the names alone told: no image was read and nothing was written.
    struct Surveyed {
        let request: SubmissionRequest
        let folder: OutputFolder
        let survey: SubmissionSurvey
        fileprivate let rehearsal: Submission
    }

    /// An open batch, with its output folder there and tried.
    struct Opened: Sendable {
        let installation: Installation
        let batchID: Int64
        let isPaused: Bool
        let folder: OutputFolder
        let survey: SubmissionSurvey
        fileprivate let submission: Submission

        /// Prepares, stores and queues.
        func submit(onEvent: @escaping @Sendable (SubmissionEvent) -> Void) async throws -> Outcome {
            let report = try await submission.run(after: survey, onEvent: onEvent)
            let links = try await linkMissing()
            return Outcome(batchID: batchID, folder: folder, isPaused: isPaused, report: report, links: links)
        }

        /// Gives outputs of completed jobs their file where they still want it.
        func linkMissing() async throws -> MissingLinks.Report {
            try await MissingLinks(installation.client, batchID: batchID, folder: folder).link()
        }

        /// How many meshes that were made lie at their outputs no more.
        func missingMeshes() async throws -> Int {
            var missing = 0
            var page = ListPublishedOutputs(batchID: batchID)
            while true {
                let outputs = try await installation.client.query(page)
                missing += try await ThreadPool.files.run { [root = folder.root] in
                    outputs.count { access(root + "/" + $0, F_OK) != 0 }
                }
                guard let last = outputs.last, outputs.count == page.limit else { return missing }
                page.after = last
            }
        }
    }

    /// Surveys, asks where that is due, opens the batch, and submits, with progress on standard error.
    ///
    /// Before anything is queued the output folder is tried, and all names are read and found not to collide.
    ///
    /// - Returns: what became of it; conflicts and refusals are in the report.
    /// - Throws: ``Failure``, `SubmissionError`, `ArtifactError`, `PostgresError`, `CancellationError`.
    func run() async throws -> Outcome {
        let surveyed = try await survey()
        if options.isDryRun { return try await rehearse(surveyed) }
        try confirm(surveyed)
        let opened = try await open(surveyed)
        let progress = SubmissionProgress()
        defer { progress.end() }
        return try await opened.submit { progress.show($0) }
    }

    /// Reads all names and finds that they do not collide.
    func survey() async throws -> Surveyed {
        let request = try options.request(installation.environment)
        let intake = RehearsalIntake(installation.client, tenant: options.tenant, out: request.outputFolder)
        let rehearsal = try Self.rehearsal(request, intake: intake, installation)
        return Surveyed(
            request: request,
            folder: try OutputFolder(root: request.outputFolder),
            survey: try await rehearsal.survey(),
            rehearsal: rehearsal
        )
    }

    /// A submission that reads and prepares, and stores and queues nothing.
    static func rehearsal(
        _ request: SubmissionRequest,
        intake: RehearsalIntake,
        _ installation: Installation
    ) throws -> Submission {
        let environment = installation.environment
        return Submission(
            request,
            intake: intake,
            artifacts: try makeArtifactStore(url: environment.artifactURL ?? environment.defaultArtifactURL),
            preparer: ImagePreparer()
        )
    }

    /// Checks and prepares everything, but stores and queues nothing.
    func rehearse(_ surveyed: Surveyed) async throws -> Outcome {
        let progress = SubmissionProgress()
        defer { progress.end() }
        let report = try await surveyed.rehearsal.run(after: surveyed.survey) { progress.show($0) }
        return Outcome(
            batchID: nil,
            folder: surveyed.folder,
            isPaused: false,
            report: report,
            links: MissingLinks.Report()
        )
    }

    /// Makes and tries the output folder, and finds or makes the batch.
    func open(_ surveyed: Surveyed) async throws -> Opened {
        try await surveyed.folder.create()
        try await surveyed.folder.probe()
        let artifacts = try await installation.openArtifacts()
        guard let batch = try await installation.client.query(options.openBatch(installation.environment)).first else {
            throw Failure(.usage, "there is no tenant \(options.tenant); the tenant default is always there")
        }
        return Opened(
            installation: installation,
            batchID: batch.batchID,
            isPaused: batch.isPaused,
            folder: surveyed.folder,
            survey: surveyed.survey,
            submission: Submission(
                surveyed.request,
                intake: DatabaseIntake(installation.client, batchID: batch.batchID),
                artifacts: artifacts,
                preparer: surveyed.rehearsal.preparer
            )
        )
    }

    /// Asks before many jobs are submitted; where nobody can be asked, it is taken as meant.
    func confirm(_ surveyed: Surveyed) throws {
        let jobs = min(surveyed.survey.found, options.limit ?? .max)
        guard jobs > Self.askingAbove, !options.yes, Terminal.canAsk else { return }
        try Confirmation.ask("Up to \(jobs) jobs at 1 credit each, less what was submitted before. Go on?")
    }
}

extension BatchSubmission.Outcome {
    /// How the submission alone ended.
    var exit: Exit {
        if report.conflictCount > 0 { return .usage }
        return report.invalidCount > 0 || links.problemCount > 0 ? .jobsFailed : .done
    }

    /// The fields of `submit --json`.
    var fields: [(String, JSONValue)] {
        [
            ("batch_id", .optional(batchID)),
            ("submitted", .int(report.submitted)),
            ("duplicates", .int(report.duplicates)),
            ("existing", .int(report.existing)),
            (
                "invalid",
                .array(
                    report.invalid.map { refusal in
                        .object([("source", .string(refusal.source)), ("error", .string(refusal.problem))])
                    }
                )
            ),
            ("invalid_count", .int(report.invalidCount)),
            ("requeued", .int(report.requeued)),
            ("replaced", .int(report.replaced)),
            (
                "conflicts",
                .array(
                    report.conflicts.map { conflict in
                        .object([
                            ("source", .string(conflict.source)), ("output", .string(conflict.output)),
                            ("job_id", .int(conflict.jobID)),
                        ])
                    }
                )
            ),
            ("ignored", .int(report.ignored)),
            ("linked", .int(links.linked)),
            ("out", .string(folder.root)),
        ]
    }

    /// One line for people.
    var summary: String {
        var parts = ["\(report.submitted) \(batchID == nil ? "would be submitted" : "submitted")"]
        for (count, word) in [
            (report.requeued, "queued again"), (report.replaced, "replaced"), (report.existing, "already there"),
            (report.duplicates, "duplicates"), (links.linked, "linked"), (report.invalidCount, "refused"),
            (report.conflictCount, "in conflict"),
        ] where count > 0 { parts.append("\(count) \(word)") }
        let batch = batchID.map { "batch \($0): " } ?? "dry run: "
        return batch + parts.joined(separator: ", ")
    }

    /// What went wrong and is not told yet, on standard error.
    func tellProblems() {
        for conflict in report.conflicts.prefix(20) {
            Messages.line(
                OneLine.text(
                    "\(conflict.output): belongs to job \(conflict.jobID) with another image or other parameters, "
                        + "not to \(conflict.source); say --replace to take it over"
                )
            )
        }
        if report.conflictCount > 20 { Messages.line("… and \(report.conflictCount - 20) more conflicts") }
        for problem in links.problems.prefix(20) { Messages.line(OneLine.text(problem)) }
        if isPaused, let batchID {
            Messages.line("batch \(batchID) is paused, so its jobs wait; run: meshmill batches release \(batchID)")
        }
    }
}
