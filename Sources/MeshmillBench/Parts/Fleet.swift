import AmaraAPI
import MeshmillStore
import MeshmillWorker
import PostgresClient

/// Workers of this process, each with its own connections, against any provider.
struct Fleet: Sendable {
    let bench: Workbench
    let connectionString: String
    let provider: any GenerationAPI
    let workers: Int
    var settings = WorkerSettings()
    /// Whether the workers hear of new jobs, as those of the program do.
    var listens = false

    init(_ bench: Workbench, _ connectionString: String, provider: any GenerationAPI, workers: Int) {
        self.bench = bench
        self.connectionString = connectionString
        self.provider = provider
        self.workers = workers
        settings.concurrency = .max / 2
        // Generations are claimed and settled here, and never asked after.
        settings.pollInterval = .seconds(86_400)
        settings.polls = 1_000
    }

    /// Runs the workers while `body` runs; `settled` in it says how many POSTs have their answer recorded.
    func run<Value: Sendable>(
        _ body: (_ settled: @escaping @Sendable () -> Int) async throws -> Value
    ) async throws -> Value {
        let stop = StopSignal()
        let activities = (0..<workers).map { _ in WorkerActivity() }
        let clients = activities.map { _ in bench.client(connectionString) }
        let result: Result<Value, any Error> = await withTaskGroup(of: Void.self) { group in
            for (index, activity) in activities.enumerated() {
                let worker = makeWorker(index, clients[index], activity)
                group.addTask { try? await worker.run(until: stop) }
            }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body { activities.reduce(0) { $0 + $1.posts.accepted } })
            } catch {
                result = .failure(error)
            }
            stop.stop()
            return result
        }
        for client in clients { await client.close() }
        return try result.get()
    }

    private func makeWorker(_ index: Int, _ client: PostgresClient, _ activity: WorkerActivity) -> Worker {
        Worker(
            name: "bench:\(index)",
            version: "bench",
            settings: settings,
            database: client,
            amara: provider,
            artifacts: OneImage(),
            tokens: NumberedTokens(),
            listener: listens
                ? PostgresListener(
                    configuration: client.configuration,
                    channels: ["meshmill_jobs"],
                    logger: bench.logger
                ) : nil,
            activity: activity,
            logger: bench.logger
        )
    }
}
