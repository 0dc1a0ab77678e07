import ArgumentParser
import Foundation
import MeshmillSimulation

/// Runs simulations from the command line.
@main
struct SimulationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshmill-simulation",
        abstract:
            "Runs Meshmill's SQL and decisions under a virtual clock, against a provider and a world full of faults.",
        discussion: """
            Each seed is one run that repeats exactly. A seed that failed is replayed, step by step, by --seed N.
            It uses the PostgreSQL of MESHMILL_TEST_DATABASE_URL, or starts one of its own without fsync.
            Exits 1 if an invariant was violated, or if in 300 seeds or more a kind of fault never struck, no COMMIT of
            one of the statements that move jobs lost its answer, or the use of slots or paced was not measured.
            """
    )

    @Option(help: "How many seeds of storms and saturated pools.")
    var seeds = 1_000

    @Option(help: "How many seeds of three virtual months, run first.")
    var long = 0

    @Flag(inversion: .prefixedNo, help: "Whether one seed in 5,000 climbs the ladder of models, which takes minutes.")
    var ladders = true

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "How many databases at once.")
    var at = 2

    @Option(help: "Write each seed's result into this file, and leave out what it has of this very program.")
    var journal: String?

    @Option(help: "Stop after so many violations.")
    var mostViolations = 10

    @Option(help: "Replay this one seed and print each step.")
    var seed: UInt64?

    @Option(help: "With --seed: stormy, saturated, ladder or long; by default what it is in a campaign.")
    var kind: Scenario.Kind?

    @Flag(help: "With --seed: print only the result.")
    var quiet = false

    @Flag(help: "Instead, play how tenants share slots, and print by how much they differed.")
    var fairness = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        if fairness { return try await playFairness() }
        if let seed { return try await replay(seed) }
        let campaign = Campaign(
            first: first,
            seeds: seeds,
            longSeeds: long,
            hasLadders: ladders,
            databases: at,
            mostViolations: mostViolations
        )
        let total = seeds + long
        let journal = try await openJournal()
        let report = try await campaign.run(journal: journal) { report, result in
            if let complaint = result.complaint { FileHandle.standardError.write(Data((complaint + "\n").utf8)) }
            guard report.seeds.isMultiple(of: max(1, total / 50)) else { return }
            let line =
                "\(report.seeds) of \(total) seeds, \(Int(report.seconds)) s, \(report.violations.count) violations\n"
            FileHandle.standardError.write(Data(line.utf8))
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(report.text)
        }
        guard report.violations.isEmpty else { throw ExitCode(1) }
        if seeds >= 300, !report.gaps.isEmpty {
            FileHandle.standardError.write(Data((report.gaps.joined(separator: "\n") + "\n").utf8))
            throw ExitCode(1)
        }
        if report.utilisation.values.contains(where: { $0 < 0.99 }) { throw ExitCode(1) }
    }

    private func openJournal() async throws -> CampaignJournal? {
        guard let journal else { return nil }
        let opened = try CampaignJournal(path: journal, server: try await Simulation.serverVersion())
        if !opened.done.isEmpty {
            FileHandle.standardError.write(Data("\(opened.done.count) seeds were done before (\(journal))\n".utf8))
        }
        return opened
    }

    private func playFairness() async throws {
        var results: [FairnessResult] = []
        for scenario in FairnessScenario.all() { results.append(try await Fairness.play(scenario)) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(results), as: UTF8.self))
        } else {
            print(FairnessResult.table(results))
        }
        guard results.allSatisfy(\.isFair) else { throw ExitCode(1) }
    }

    private func replay(_ seed: UInt64) async throws {
        let isQuiet = quiet
        let result = try await Simulation.run(
            seed: seed,
            kind: kind ?? Campaign.kind(ofSeed: seed),
            trace: isQuiet ? nil : { print($0) }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(result), as: UTF8.self))
        guard result.violation == nil else { throw ExitCode(1) }
    }
}

extension Scenario.Kind: ExpressibleByArgument {}
