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
                let row = try await answers.submit(record)
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
