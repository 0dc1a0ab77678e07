import ArgumentParser
import Foundation
import Logging
import MeshmillBench

/// `meshmill bench`: measures this program on this machine, beside baselines.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure speed and scale on this machine, beside baselines of the same run.",
        discussion: "Cases:\n"
            + BenchCase.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n")
                + """


                Makes a PostgreSQL server of its own in /var/tmp, with fsync and synchronous_commit on, or scratch \
                databases on the server of DATABASE_URL, and removes them afterwards. Sizes are meant for an idle \
                machine: all cases take half an hour and 20 GB of disk; --quick takes a few minutes.
                """
    )

    @Argument(help: "Which cases. (default: all)")
    var cases: [BenchCase] = []

    @Flag(help: "Write each case as a JSON object on one line.")
    var json = false

    @Option(help: "Write all reports into this file, as Markdown.", completion: .file())
    var markdown: String?

    @Flag(help: "Small sizes, for a first look.")
    var quick = false

    @Flag(help: .private)
    var tiny = false

    @Option(help: "How many jobs (pictures, generations, rounds), instead of the case's own number.")
    var jobs: Int?

    @Option(help: "How many keys.")
    var keys: Int?

    @Option(help: "How many workers or threads.")
    var workers: Int?

    @Option(help: "Length of a measured stretch, in seconds.")
    var seconds: Int?

    func validate() throws {
        for (name, value) in [("jobs", jobs), ("keys", keys), ("workers", workers), ("seconds", seconds)] {
            if let value, value < 1 { throw ValidationError("--\(name) \(value) is not at least 1") }
        }
    }

    func run() async throws {
        let (json, markdown) = (json, markdown)
        let cases = cases.isEmpty ? BenchCase.allCases : cases
        let settings = try benchSettings()
        var logger = Logger(label: "meshmill")
        logger.logLevel = .error
        let (facts, reports) = try await Interruption.cancelling { [logger] in
            try await Workbench.with(settings, logger: logger) { bench in
                let facts = try await bench.facts(program: "meshmill \(Meshmill.version)")
                var reports: [BenchReport] = []
                for next in cases {
                    let report = try await next.run(on: bench)
                    try report.write(json: json)
                    reports.append(report)
                }
                return (facts, reports)
            }
        }
        if let markdown { try write(BenchReport.page(reports, facts: facts), to: markdown) }
    }

    private func benchSettings() throws -> BenchSettings {
        let environment = try Environment.current()
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var settings = BenchSettings(program: program)
        settings.scale = tiny ? .tiny : quick ? .quick : .full
        settings.jobs = jobs
        settings.keys = keys
        settings.workers = workers
        settings.seconds = seconds
        if case .named(let url) = environment.database { settings.databaseURL = url }
        settings.progress = { line in
            Output.write(Array("bench: \(line)\n".utf8), to: FileHandle.standardError.fileDescriptor)
        }
        return settings
    }

    private func write(_ text: String, to path: String) throws {
        do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
            throw Failure(.inputOutput, "\(path) cannot be written: \(error)")
        }
    }
}

extension BenchCase: ExpressibleByArgument {}
