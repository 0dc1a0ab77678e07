import AmaraAPI
import Artifacts
import Foundation
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient

/// What all stages of one worker share.
struct WorkerParts: Sendable {
    /// This start of the worker.
    let id: UUID
    let settings: WorkerSettings
    let database: PostgresClient
    let amara: any GenerationAPI
    let artifacts: any ArtifactStore
    let tokens: any TokenSource
    let activity: WorkerActivity
    let logger: Logger
    /// Ends the claim loop's sleep.
    let wake: WakeSignal
    let watch: ServerWatch
    /// Raised by notifications: jobs may have appeared where claims no longer look.
    let news: NewsFlag
    /// `nil` where none is set up.
    let spool: Spool?
    /// Results that workers died of are read alone.
    let verifyGate = VerifyGate()
    let answers: Batcher<AnswerRecord, SettleAnswers.Row?>
    let results: Batcher<GenerationResult, Bool>

    /// Records an answer, waiting for the database as long as it takes; meanwhile the spool has it too.
    ///
    /// - Returns: what became of it; `nil` if it could not be recorded, which is logged: then the spool has it, or the
    ///   lease's end decides.
    func settle(_ record: AnswerRecord) async -> SettleAnswers.Row? {
        await withTaskGroup(of: Void.self) { keeping in
            keeping.addTask {
                guard let spool, (try? await Task.sleep(for: WorkerSettings.spoolAfter)) != nil else { return }
                await spool.keep(SpooledAnswer(record, worker: id))
            }
            do {
                let row = try await submit(record)
                keeping.cancelAll()
                await keeping.waitForAll()
                spool?.forget(answerOf: record.attemptID)
                return row
            } catch {
                logger.warning("attempt \(record.attemptID): its answer was not recorded: \(error)")
                return nil
            }
        }
    }

    /// Hands an answer in; one that the database refuses once more without what the provider said beside it.
    ///
    /// That a POST was answered must be known, or its key and its job would wait for an answer for as long as this worker
    /// lives.
    private func submit(_ record: AnswerRecord) async throws -> SettleAnswers.Row? {
        do {
            return try await answers.submit(record)
        } catch let error as PostgresError where record.hasNumbers {
            logger.error("attempt \(record.attemptID): recorded without the provider's numbers: \(error)")
            return try await answers.submit(record.withoutNumbers)
        }
    }

    /// Stops submission while files cannot be read or written, or lets it go on with `nil`; told when that changes.
    func noteStorageTrouble(_ trouble: String?) {
        guard activity.note(storageTrouble: trouble) else { return }
        if let trouble {
            logger.warning("nothing new is submitted until files can be read and written again: \(trouble)")
        } else {
            logger.notice("files can be read and written again")
            wake.signal()
        }
    }

    /// Lets all keys learn from recent 429s; a failure is only logged, since housekeeping calls this again.
    func learnWindowModel() async {
        do {
            guard let model = try await database.query(LearnWindowModel()).first ?? nil else { return }
            logger.warning(
                "the provider counts more strictly than assumed: the window model is now \(model) for all keys"
            )
        } catch {
            logger.debug("window model: \(error)")
        }
    }
}
