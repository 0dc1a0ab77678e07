import CrashPoints
import Foundation
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Keeps this worker's lease, takes over what dead workers left, and does the housekeeping.
struct LeaseStage: Sendable {
    let parts: WorkerParts
    let name: String
    let version: String
    /// A connection for the lease alone: it must not run out while statements wait for those that all share.
    private let connection: PostgresClient

    init(parts: WorkerParts, name: String, version: String) {
        self.parts = parts
        self.name = name
        self.version = version
        var configuration = parts.database.configuration
        configuration.maximumConnections = 1
        connection = PostgresClient(configuration: configuration, logger: parts.logger)
    }

    /// Takes the lease; nothing may be claimed before.
    ///
    /// - Throws: what the database answers.
    func begin() async throws {
        _ = try await connection.query(heartbeat, timeout: parts.settings.lease)
        try await parts.watch.look()
    }

    /// Renews the lease every third of it until cancelled.
    func keep() async {
        var isLost = false
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: parts.settings.lease / 3)) != nil else { return }
            do {
                let beat = try await connection.query(heartbeat, timeout: parts.settings.lease / 3).first
                CrashPoint.afterHeartbeat.reached()
                parts.activity.note(isSubmitting: beat?.isSubmitting ?? true)
                if beat?.unbrokenFor == .zero {
                    parts.logger.warning(
                        "the lease had run out and was taken anew: jobs that others adopted meanwhile are theirs"
                    )
                }
                isLost = false
            } catch {
                if !isLost, !Task.isCancelled { parts.logger.warning("the lease was not renewed: \(error)") }
                isLost = true
            }
        }
    }

    /// Looks after the server as often as the lease is renewed, beside that, until cancelled; a look that fails is made
    /// again.
    func keepLooking() async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: parts.settings.lease / 3)) != nil else { return }
            do {
                try await parts.watch.look()
            } catch {
                if !Task.isCancelled { parts.logger.debug("the database server was not looked at: \(error)") }
            }
        }
    }

    /// Adopts and tidies until cancelled.
    func keepHouse(startPolling: (Generation) -> Void) async {
        var rounds = 0
        while !Task.isCancelled {
            do {
                // Before anything is adopted: an answer that lies here is not lost.
                if rounds.isMultiple(of: 5) { try await emptySpool() }
                let orphans = try await parts.database.query(
                    AdoptOrphans(worker: parts.id, lease: parts.settings.lease, limit: 500)
                )
                if !orphans.isEmpty { CrashPoint.afterAdopt.reached() }
                // Losses are recorded together, so that the next look is not late for what falls due meanwhile.
                await withDiscardingTaskGroup { group in
                    for orphan in orphans {
                        guard let generation = Generation(orphan), orphan.state != .submitting else {
                            group.addTask { await recordLoss(of: orphan) }
                            continue
                        }
                        parts.logger.info("job \(orphan.jobID): adopted, its generation is polled on")
                        parts.activity.begin(orphan.attemptID)
                        startPolling(generation)
                    }
                }
                try await parts.database.execute(ResumePausedKeys())
                await parts.learnWindowModel()
                if rounds.isMultiple(of: 5) {
                    try await parts.database.execute(ChargeDoubts())
                    try await parts.database.execute(BookDrifts())
                    try await parts.database.execute(TurnMonths())
                    try await parts.database.execute(GrowLimits())
                    try await parts.database.execute(FoldBalances())
                    try await parts.database.execute(CloseBatches())
                    try await parts.database.execute(ForgetMasterKeys())
                    try await parts.database.execute(ArchiveJobs())
                    try await parts.database.execute(DropMonths())
                }
                rounds += 1
                if orphans.count == 500 { continue }
            } catch {
                parts.activity.noteDoubt()
                if !Task.isCancelled { parts.logger.debug("housekeeping waits: \(error)") }
            }
            // Between a sixth and a third of a lease, so that workers do not all look at once.
            let wait = parts.settings.lease * Double.random(in: 0.16...0.33)
            try? await Task.sleep(for: min(wait, .seconds(5)))
        }
    }

    /// Records answers that lie in files: of a process that ended while the database was away, or of this one.
    private func emptySpool() async throws {
        guard let spool = parts.spool else { return }
        for answer in spool.answers(limit: 1_000) {
            do {
                try await parts.database.execute(SettleSpooledAnswer(answer))
            } catch let error as PostgresError where !error.isRetryable {
                // The others are not to wait for one that is refused; a person finds it in the folder.
                parts.logger.error("attempt \(answer.attemptID): its answer in the spool is refused: \(error)")
                continue
            }
            spool.forget(answerOf: answer.attemptID)
            parts.logger.notice("attempt \(answer.attemptID): its answer was recorded from the spool")
        }
        await spool.removeForgotten()
    }

    /// Ends the lease in order.
    func handOver() async {
        CrashPoint.beforeHandOver.reached()
        do {
            try await connection.execute(HandOver(worker: parts.id), timeout: .seconds(2))
        } catch {
            parts.logger.warning("jobs were not handed over, others adopt them when the lease runs out: \(error)")
        }
    }

    /// Lets go of the lease's connection.
    func close() async { await connection.close() }

    private var heartbeat: Heartbeat {
        Heartbeat(worker: parts.id, name: name, version: version, lease: parts.settings.lease)
    }

    private func recordLoss(of orphan: Orphan) async {
        let row = await parts.settle(.workerLost(orphan, grace: parts.settings.grace))
        if row?.isMoved == true {
            parts.logger.warning("job \(orphan.jobID): the POST of a lost worker has no answer; its credit is in doubt")
        }
    }
}
