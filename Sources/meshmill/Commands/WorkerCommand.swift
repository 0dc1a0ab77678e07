import AmaraAPI
import ArgumentParser
import Logging
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient

/// `meshmill worker`: works for all batches until it is stopped.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Work on whatever is queued, until stopped.",
        discussion: """
            Any number of workers on any number of machines share one database. SIGTERM or Ctrl-C: claims nothing \
            more, lets POSTs in flight answer, hands generations over at once, exit 0; a second one leaves at once.
            """
    )

    @Option(help: "Most generations in flight.")
    var concurrency = WorkerSettings().concurrency

    @Option(help: "Only this pool's keys and tenants.")
    var pool: String?

    func validate() throws {
        guard (1...100_000).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 100000") }
    }

    func run() async throws {
        let (concurrency, pool) = (concurrency, pool)
        let stop = StopSignal()
        try await Interruption.stopping(stop) {
            let environment = try Environment.current()
            let logger = Logger(label: "meshmill")
            var failures = 0
            while !stop.isStopped {
                do {
                    let installation = try await Installation.openWhenReady(environment, logger: logger, until: stop)
                    guard let installation else { return }
                    do {
                        try await work(installation, concurrency: concurrency, pool: pool, until: stop)
                        return await installation.close()
                    } catch {
                        await installation.close()
                        throw error
                    }
                } catch let error as PostgresError where Failure(error).exit == .unreachable {
                    // Started during an outage: whoever starts it again and again would do no better than to wait here.
                    failures += 1
                    if failures == 1 { logger.warning("\(Failure(error)); waiting for it") }
                    var random = SystemRandomNumberGenerator()
                    await stop.wait(atMost: Backoff.reconnect.wait(afterFailures: failures, using: &random))
                }
            }
        }
    }

    private func work(
        _ installation: Installation,
        concurrency: Int,
        pool: String?,
        until stop: StopSignal
    ) async throws {
        var settings = try await installation.workerSettings()
        settings.concurrency = concurrency
        if let pool { settings.pool = try await installation.pool(named: pool) }
        let amara = try Provider.client(installation.environment, logger: installation.logger)
        do {
            let worker = try await installation.makeWorker(settings, amara: amara, activity: WorkerActivity())
            installation.logger.info("worker started")
            try await worker.run(until: stop)
            installation.logger.info("worker stopped; generations under way are handed over")
            try await amara.shutdown()
        } catch {
            try? await amara.shutdown()
            throw error
        }
    }
}
