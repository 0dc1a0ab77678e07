import Crypto
import Foundation
import MeshmillStore
import MeshmillSubmission
import PostgresClient

/// Jobs submitted a second by the real intake, beside raw COPY of the same rows.
struct IntakeCase: Sendable {
    let bench: Workbench

    private var jobs: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 1_000_000, quick: 100_000, tiny: 2_000)
    }

    func run() async throws -> BenchReport {
        // First, since memory that writing the rows for COPY leaves to the heap would hide what this one takes.
        bench.say("\(jobs) jobs by the intake")
        let (rate, growth) = try await bench.withDatabase { try await submit($0) }
        bench.say("\(jobs) jobs by COPY")
        let copied = try await bench.withDatabase(isMigrated: false) { try await copy($0) }
        return BenchReport(
            name: BenchCase.intake.rawValue,
            summary:
                "Jobs added by the real intake, in its calls of 1,000: known inputs looked for and inputs recorded, while "
                + "the jobs and outputs before them are added. Beside it psql's \\copy of the same values into one table with a "
                + "primary key and one partial index.",
            settings: BenchRow(("jobs", .whole(jobs))),
            results: [BenchRow(("jobs/s", .number(rate)), ("memory growth MiB", .number(growth)))],
            baseline: [BenchRow(("rows/s", .number(copied)))],
            bars: [
                BenchBar("intake ÷ \\copy", rate / copied, .atLeast, must: 0.3, goal: 0.6),
                BenchBar("memory growth, MiB", growth, .atMost, must: 200, goal: 50),
            ]
        )
    }

    private func submit(_ database: String) async throws -> (rate: Double, growth: Double) {
        let client = bench.client(database)
        defer { Task { await client.close() } }
        guard let batch = try await client.query(OpenBatch(tenant: "default", out: "/bench/intake")).first else {
            throw BenchError("there is no tenant default")
        }
        let intake = DatabaseIntake(client, batchID: batch.batchID)
        let memory = ProcessTable.residentMiB(of: Int(getpid()))
        var most = memory
        let start = ContinuousClock.now
        var recorded = try await Self.record(0..<min(jobs, AddJobs.maximumJobs), in: intake)
        for first in stride(from: 0, to: jobs, by: AddJobs.maximumJobs) {
            let next = min(first + AddJobs.maximumJobs, jobs)..<min(first + 2 * AddJobs.maximumJobs, jobs)
            async let nextRecorded = next.isEmpty ? [] : Self.record(next, in: intake)
            let results = try await intake.add(recorded, replacing: false)
            guard results.allSatisfy({ if case .added = $0 { true } else { false } }) else {
                throw BenchError("a job was not added")
            }
            most = max(most, ProcessTable.residentMiB(of: Int(getpid())))
            recorded = try await nextRecorded
        }
        return (Double(jobs) / start.duration(to: .now).inSeconds, most - memory)
    }

    /// What goes before a chunk is added, while the one before it is.
    @concurrent
    private static func record(_ numbers: Range<Int>, in intake: DatabaseIntake) async throws -> [NewJob] {
        let inputs = numbers.map(input)
        let known = try await intake.knownInputs(inputs.map(\.sourceSHA256))
        guard known.isEmpty else { throw BenchError("an input was known before") }
        try await intake.recordInputs(inputs)
        return zip(numbers, inputs).map(job)
    }

    private static func input(_ number: Int) -> KnownInput {
        let hash = Array(SHA256.hash(data: Array("input \(number)".utf8)))
        return KnownInput(
            sourceSHA256: hash,
            inputSHA256: hash,
            bytes: 100_000,
            format: "png",
            width: 1_024,
            height: 768
        )
    }

    private static func job(_ number: Int, _ input: KnownInput) -> NewJob {
        NewJob(
            inputSHA256: input.inputSHA256,
            inputFormat: input.format,
            parameters: .providerDefaults,
            source: "/data/pictures/folder-\(number / 1_000)/picture-\(number).png",
            output: "folder-\(number / 1_000)/picture-\(number).glb"
        )
    }

    private func copy(_ database: String) async throws -> Double {
        guard let psql = Program.find("psql") else { throw BenchError("psql is not installed") }
        let file = bench.folder + "/rows.tsv"
        try Data().write(to: URL(filePath: file))
        guard let handle = FileHandle(forWritingAtPath: file) else { throw BenchError("\(file) cannot be written") }
        for first in stride(from: 0, to: jobs, by: 10_000) {
            var text = ""
            for number in first..<min(first + 10_000, jobs) {
                let job = Self.job(number, Self.input(number))
                let hash = job.inputSHA256.map { byte in String(UInt16(byte) + 256, radix: 16).dropFirst() }.joined()
                text +=
                    "\(number)\tqueued\t1\t1\t0\t\(UUID().uuidString)\t\\\\x\(hash)\tpng\t\(job.parameters.mode.rawValue)"
                text += "\t42\t300000\t2048\t\(job.source)\t\(job.output)\n"
            }
            try handle.write(contentsOf: Data(text.utf8))
        }
        try handle.close()
        try await bench.sql(
            """
            CREATE TABLE rows (id bigint PRIMARY KEY, state text NOT NULL, batch_id bigint NOT NULL, tenant_id bigint NOT NULL,
                priority smallint NOT NULL, fingerprint uuid NOT NULL, input_sha256 bytea NOT NULL, format text NOT NULL,
                mode text, seed bigint, decimation_target integer, texture_size integer, source text NOT NULL,
                output text NOT NULL);
            CREATE INDEX rows_queued ON rows (batch_id, priority DESC, id) WHERE state = 'queued'
            """,
            on: database
        )
        let start = ContinuousClock.now
        try await ChildProcess.run(
            psql,
            ["-qX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", "\\copy rows FROM '\(file)'"],
            in: bench
        )
        return Double(jobs) / start.duration(to: .now).inSeconds
    }
}
