import AmaraAPI
import ArgumentParser
import Logging
import MeshmillCore
import MeshmillStore
import MeshmillSubmission
import MeshmillTerminal
import MeshmillWorker
import PostgresClient
import Synchronization

/// One `meshmill run`: submission, a worker and the display side by side, until the batch is done.
struct RunSession {
    let options: SubmissionOptions
    let maxWait: Duration
    let stop: StopSignal

    /// Does everything, and says how it ended.
    func run() async throws -> Exit {
        let environment = try Environment.current()
        let installation = try await Installation.open(environment, logger: Logger(label: "meshmill")) {
            configuration in
            configuration.maximumConnections = 16
        }
        do {
            let exit = try await run(installation)
            await installation.close()
            return exit
        } catch {
            await installation.close()
            // Ctrl-C cancels the submission; what it then throws is not the news.
            throw error is CancellationError ? Failure.interrupted : error
        }
    }

    private func run(_ installation: Installation) async throws -> Exit {
        let submission = BatchSubmission(options: options, installation: installation)
        if !options.isDryRun {
            _ = try await installation.importEnvironmentKeys()
            try await RunProvider.requireKey(installation)
        }
        let surveyed = try await unlessStopped { try await submission.survey() }
        if options.isDryRun { return try await unlessStopped { try await rehearse(submission, surveyed) } }
        try submission.confirm(surveyed)
        let opened = try await unlessStopped { try await submission.open(surveyed) }
        guard !stop.isStopped else { throw Failure.interrupted }

        let amara = try Provider.client(installation.environment, logger: installation.logger)
        do {
            let exit = try await run(installation, opened, amara)
            try await amara.shutdown()
            return exit
        } catch {
            try? await amara.shutdown()
            throw error
        }
    }

    /// Runs what comes before there is a worker, and cancels it when this is to stop.
    private func unlessStopped<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await stop.wait()
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next(), let value else { throw Failure.interrupted }
            return value
        }
    }

    private func rehearse(_ submission: BatchSubmission, _ surveyed: BatchSubmission.Surveyed) async throws -> Exit {
        let outcome = try await submission.rehearse(surveyed)
        outcome.tellProblems()
        try Output.line(options.json ? JSONValue.object(outcome.fields).text : outcome.summary)
        return outcome.exit
    }

    private func run(
        _ installation: Installation,
        _ opened: BatchSubmission.Opened,
        _ amara: AmaraClient
    ) async throws -> Exit {
        let activity = WorkerActivity()
        var settings = try await installation.workerSettings()
        settings.batch = opened.batchID
        let worker = try await installation.makeWorker(settings, amara: amara, activity: activity)
        let monitor = RunMonitor(
            client: installation.client,
            batchID: opened.batchID,
            source: options.manifest ?? options.paths.joined(separator: " "),
            out: options.out,
            survey: opened.survey,
            activity: activity
        )
        try await monitor.readNow()
        let needed = RunProvider(installation: installation, amara: amara)
        let printer = monitor.makePrinter(installation.environment.variables)
        let (outcome, ending) = try await Messages.showing(printer) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Without its worker a run would wait for ever.
                    defer { stop.stop() }
                    try await worker.run(until: stop)
                }
                group.addTask { await monitor.keep(printer) }
                let result: Result<(BatchSubmission.Outcome?, RunVerdict?), any Error>
                do {
                    result = .success(try await supervise(opened, monitor, needed))
                } catch {
                    result = .failure(error)
                }
                // In either case POSTs in flight get their answer, and what is under way is handed over.
                stop.stop()
                monitor.end()
                try await group.waitForAll()
                return try result.get()
            }
        }
        outcome?.tellProblems()
        return try await conclude(opened, outcome, ending, monitor)
    }

    /// Submits, then waits until nothing is left, it has to give up, or it is stopped.
    private func supervise(
        _ opened: BatchSubmission.Opened,
        _ monitor: RunMonitor,
        _ provider: RunProvider
    ) async throws -> (BatchSubmission.Outcome?, RunVerdict?) {
        try await withThrowingTaskGroup(of: Step.self) { group in
            group.addTask { .submitted(try await opened.submit { monitor.note($0) }) }
            group.addTask {
                await stop.wait()
                return .stopped
            }
            group.addTask {
                .decided(try await monitor.decide(maxWait: maxWait) { try await provider.check() })
            }
            defer { group.cancelAll() }
            var outcome: BatchSubmission.Outcome?
            while let step = try await group.next() {
                switch step {
                case .submitted(let result):
                    outcome = result
                    monitor.submissionEnded()
                case .decided(let verdict): return (outcome, verdict)
                case .stopped: return (outcome, nil)
                }
            }
            return (outcome, nil)
        }
    }

    private enum Step {
        case submitted(BatchSubmission.Outcome)
        case decided(RunVerdict)
        case stopped
    }

    private func conclude(
        _ opened: BatchSubmission.Opened,
        _ outcome: BatchSubmission.Outcome?,
        _ verdict: RunVerdict?,
        _ monitor: RunMonitor
    ) async throws -> Exit {
        let links = verdict == .finished ? try await opened.linkMissing() : nil
        let counts = try await monitor.readNow()
        var exit = Exit.done
        let ending: RunSummary.Ending
        switch verdict {
        case .finished?:
            ending = .finished
            let hasFailures = counts.failed + counts.held > 0 || (links?.problemCount ?? 0) > 0
            exit = outcome?.exit == .usage ? .usage : hasFailures ? .jobsFailed : outcome?.exit ?? .done
        case .stops(let code, let reason)?:
            ending = .stopped(reason)
            exit = code
        case .capped(let reason)?:
            ending = .capped(reason)
            exit = .outOfCredits
        case .goesOn?, nil:
            ending = .interrupted
            exit = .interrupted
        }
        var summary = monitor.summary(counts, outcome?.report, ending)
        if verdict == .finished, summary.made == 0, summary.alreadyThere > 0 {
            summary.missing = try await opened.missingMeshes()
        }
        if options.json {
            try Output.line(JSONValue.object((outcome?.fields ?? []) + summary.fields).text)
        } else {
            let style = TerminalStyle(variables: opened.installation.environment.variables)
            let plain =
                Terminal.outputIsTerminal ? style : TerminalStyle(hasColour: false, hasSymbols: style.hasSymbols)
            for line in summary.lines(width: Terminal.width() ?? 10_000, style: plain) { try Output.line(line) }
        }
        return exit
    }
}

extension RunSummary {
    /// The fields that `run --json` adds to those of `submit --json`.
    var fields: [(String, JSONValue)] {
        [
            ("made", .int(made)), ("already_there", .int(alreadyThere)), ("failed", .int(failed)), ("held", .int(held)),
            ("missing", .int(missing)), ("cancelled", .int(cancelled)), ("left", .int(left)),
            ("credits_spent", .int(creditsSpent)),
            ("elapsed_seconds", .double(elapsed / .seconds(1))),
        ]
    }
}
