import AmaraSimulator
import Foundation

/// An installation as its users have it: the built program against a simulated provider, each a process of its own.
struct Site: Sendable {
    let bench: Workbench
    let connectionString: String
    /// The simulator's process.
    let simulator: ChildProcess
    /// Variables for every command.
    let environment: [String: String]
    private let logFile: String

    /// What the simulated provider is like.
    struct Provider: Sendable {
        var keys: Int
        var limit = 5
        /// Real time.
        var window: Duration
        /// Real time that the fastest and the slowest generation take; their ratio is always one to four.
        var slowestGeneration: Duration = .seconds(3)
        var monthlyLimits: [Int?] = []
        var arguments: [String] = []

        /// The simulator's fast mode takes 30 to 120 s at speed 1.
        fileprivate var speed: Double { 120 / slowestGeneration.inSeconds }
    }

    /// Sets one up on a database of its own, runs `body`, and takes it down.
    static func with<Value>(
        _ bench: Workbench,
        _ provider: Provider,
        settings: [String: String] = [:],
        _ body: (Site) async throws -> Value
    ) async throws -> Value {
        try await bench.withDatabase { database in
            let stem = bench.folder + "/site-\(UInt64.random(in: 0 ... .max))"
            let (keyFile, logFile) = (stem + ".csv", stem + ".log")
            var arguments = [
                "simulator", "--listen", "127.0.0.1:0", "--keys", "\(provider.keys)", "--limit", "\(provider.limit)",
                "--window", "\(provider.window.inSeconds * provider.speed)s", "--speed", "\(provider.speed)",
                "--log", logFile, "--write-keys", keyFile, "--concurrency", "100000",
            ]
            for limit in provider.monthlyLimits { arguments += ["--monthly-limit", limit.map(String.init) ?? "none"] }
            return try await ChildProcess.with(
                bench.settings.program,
                arguments + provider.arguments,
                in: bench
            ) { simulator in
                let address = try await simulator.firstLine()
                var environment = [
                    "DATABASE_URL": database, "MESHMILL_HOME": stem + "-home", "AMARA_API_URL": address,
                    "MESHMILL_ACTOR": "bench", "NO_COLOR": "1",
                ]
                environment.merge(settings) { $1 }
                let site = Site(
                    bench: bench,
                    connectionString: database,
                    simulator: simulator,
                    environment: environment,
                    logFile: logFile
                )
                try await site.meshmill(["keys", "import", keyFile])
                return try await body(site)
            }
        }
    }

    /// Runs a command to its end.
    @discardableResult
    func meshmill(_ arguments: [String], expected: Set<Int32> = [0]) async throws -> String {
        try await ChildProcess.run(
            bench.settings.program,
            arguments,
            environment: environment,
            expected: expected,
            in: bench
        )
    }

    /// Starts so many workers and runs `body` with them; those that are left then are stopped.
    func withWorkers<Value>(_ count: Int, _ body: ([ChildProcess]) async throws -> Value) async throws -> Value {
        try await withWorkers(count, started: [], body)
    }

    private func withWorkers<Value>(
        _ count: Int,
        started: [ChildProcess],
        _ body: ([ChildProcess]) async throws -> Value
    ) async throws -> Value {
        guard started.count < count else { return try await body(started) }
        return try await ChildProcess.with(
            bench.settings.program,
            ["worker", "--concurrency", "100000"],
            environment: environment,
            in: bench
        ) { worker in
            try await withWorkers(count, started: started + [worker], body)
        }
    }

    /// Writes a folder of small pictures that differ from each other.
    func paint(_ count: Int) throws -> String {
        let folder = bench.folder + "/pictures-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 0..<count {
            try Self.picture(number).write(to: URL(filePath: "\(folder)/picture-\(number).png"))
        }
        return folder
    }

    /// Submits so many jobs that share one picture and differ by their seed.
    func submitVariants(_ count: Int) async throws {
        let stem = bench.folder + "/variants-\(UInt64.random(in: 0 ... .max))"
        try Self.picture(1).write(to: URL(filePath: stem + ".png"))
        var lines = ""
        for number in 0..<count {
            lines += #"{"image":"\#(stem).png","seed":\#(number),"out":"\#(number).glb"}"# + "\n"
        }
        try lines.write(toFile: stem + ".jsonl", atomically: true, encoding: .utf8)
        try await meshmill(["submit", "--manifest", stem + ".jsonl", "--out", stem + "-out", "--yes"])
    }

    /// The provider's own log, so far.
    func log() throws -> [RequestRecord] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(filePath: logFile)).split(separator: UInt8(ascii: "\n"))
            .compactMap { try? decoder.decode(RequestRecord.self, from: $0) }
    }

    /// The one number that a query gives.
    func number(_ query: String) async throws -> Int {
        let rows = try await bench.sql(query, on: connectionString)
        return rows.first?.first.flatMap { $0 }.flatMap(Int.init) ?? 0
    }

    /// Waits until a query gives at least a number.
    ///
    /// - Throws: ``BenchError`` if it takes longer than `limit`.
    func wait(until query: String, reaches goal: Int, within limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        while try await number(query) < goal {
            guard ContinuousClock.now < end else { throw BenchError("not there after \(limit): \(query)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// A square whose fields spell its number.
    private static func picture(_ number: Int) -> Data {
        let side = 64
        var pixels: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                let isSet = number >> (y / 8 * 8 + x / 8) & 1 == 1
                pixels += isSet ? [250, 250, 250] : [UInt8(number * 37 % 128), UInt8(number % 200), UInt8(x + y)]
            }
        }
        return PNGFile(width: side, height: side, pixels: pixels).data
    }
}
