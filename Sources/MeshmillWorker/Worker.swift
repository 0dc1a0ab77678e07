package import AmaraAPI
package import Artifacts
import Foundation
package import Logging
import MeshmillStore
package import PostgresClient
import Synchronization

/// Claims, submits, polls, downloads and records until it is stopped.
///
/// All work runs as child tasks of ``run(until:)``; nothing outlives it. An orderly stop claims nothing more, lets POSTs
/// in flight answer, hands generations over to other workers at once, and returns. Cancellation leaves at once; then the
/// end of the lease hands over.
package struct Worker: Sendable {
    private let parts: WorkerParts
    private let lease: LeaseStage
    private let listener: PostgresListener?

    /// Makes a worker; nothing happens before ``run(until:)``.
    ///
    /// - Parameters:
    ///   - name: host and process id, for people.
    ///   - version: Meshmill's.
    ///   - settings: times and limits.
    ///   - database: where jobs and keys are.
    ///   - amara: the provider.
    ///   - artifacts: where prepared inputs are.
    ///   - tokens: opens the keys' secrets.
    ///   - listener: hears of new jobs; `nil` polls alone.
    ///   - activity: told what goes on.
    ///   - memory: remembers, outside the database, how far that had come.
    ///   - logger: from `info` up for what an operator would want to know.
    package init(
        name: String,
        version: String,
        settings: WorkerSettings,
        database: PostgresClient,
        amara: any GenerationAPI,
        artifacts: any ArtifactStore,
        tokens: any TokenSource,
        listener: PostgresListener?,
        activity: WorkerActivity,
        memory: any ServerMemory = NoServerMemory(),
        logger: Logger
    ) {
        let id = UUID()
        var settings = settings
        // With a listener the poll is only the backstop.
        if listener != nil { settings.idlePoll = max(settings.idlePoll, .seconds(3)) }
        parts = WorkerParts(
            id: id,
            settings: settings,
            database: database,
            amara: amara,
            artifacts: artifacts,
            tokens: tokens,
            activity: activity,
            logger: logger,
            wake: WakeSignal(),
            watch: ServerWatch(worker: id, database: database, memory: memory, logger: logger),
            news: NewsFlag(),
            spool: Self.makeSpool(settings, logger: logger),
            answers: Batcher(name: "settle", limit: 500, logger: logger) { records in
                let rows: [SettleAnswers.Row]
                do {
                    rows = try await database.query(SettleAnswers(worker: id, answers: records))
                } catch {
                    activity.noteDoubt()
                    throw error
                }
                let byAttempt = Dictionary(rows.map { ($0.attemptID, $0) }) { first, _ in first }
                return records.map { byAttempt[$0.attemptID] }
            },
            results: Batcher(name: "finish", limit: 500, logger: logger) { results in
                let rows = try await database.query(FinishGenerations(worker: id, results: results))
                let byAttempt = Dictionary(rows.map { ($0.attemptID, $0.isAccepted) }) { first, _ in first }
                return results.map { byAttempt[$0.attemptID] ?? false }
            }
        )
        lease = LeaseStage(parts: parts, name: name, version: version)
        self.listener = listener
    }

    /// Works until the stop, or until cancelled; a worker runs once.
    ///
    /// - Throws: if the lease cannot be taken at the start; later troubles of the database are waited for.
    package func run(until stop: StopSignal) async throws {
        do {
            try await lease.begin()
        } catch {
            await lease.close()
            throw error
        }
        await withTaskGroup(of: Void.self) { recording in
            recording.addTask { await record(until: stop) }
            await withTaskGroup(of: Void.self) { keeping in
                keeping.addTask { await lease.keep() }
                keeping.addTask { await lease.keepLooking() }
                keeping.addTask { await listen() }
                await work(until: stop)
                keeping.cancelAll()
            }
            parts.answers.finish()
            parts.results.finish()
        }
        await lease.handOver()
        await lease.close()
    }

    private static func makeSpool(_ settings: WorkerSettings, logger: Logger) -> Spool? {
        guard let path = settings.spoolFolder else { return nil }
        do {
            return try Spool(path: path, logger: logger)
        } catch {
            logger.warning("nothing is kept in files while the database is away: \(error)")
            return nil
        }
    }

    /// Writes answers and ends as they come; after a stop only for so long, since the spool has them.
    private func record(until stop: StopSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withTaskGroup(of: Void.self) { writers in
                    writers.addTask { await parts.answers.run() }
                    writers.addTask { await parts.results.run() }
                }
            }
            group.addTask {
                await stop.wait()
                try? await Task.sleep(for: parts.settings.requestDeadline + WorkerSettings.stopPatience)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func work(until stop: StopSignal) async {
        let (generations, feed) = AsyncStream.makeStream(of: Generation.self)
        let poll = PollStage(
            parts: parts,
            polls: Turnstile(places: parts.settings.polls),
            download: DownloadStage(parts: parts, turns: Turnstile(places: parts.settings.downloads))
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { polling in
                    for await generation in generations {
                        polling.addTask { await poll.run(generation) }
                    }
                    // The others go on from the generation ids, which are recorded.
                    polling.cancelAll()
                }
            }
            group.addTask {
                await withTaskGroup(of: Void.self) { house in
                    house.addTask { await lease.keepHouse { feed.yield($0) } }
                    await stop.wait()
                    house.cancelAll()
                    parts.wake.signal()
                }
            }
            await ClaimStage(parts: parts, stop: stop).run { feed.yield($0) }
            feed.finish()
        }
    }

    /// Notifications end the claim loop's sleep early; without them it looks by itself.
    private func listen() async {
        guard let listener else { return }
        for await _ in listener {
            parts.news.raise()
            parts.wake.signal()
        }
    }
}
