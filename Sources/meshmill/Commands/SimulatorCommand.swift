import AmaraSimulator
import ArgumentParser
import Logging
import MeshmillCore
import ServiceLifecycle
import UnixSignals

/// `meshmill simulator`: the provider's API on this machine, for tries without cost.
struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulator",
        abstract: "Run the provider's API on this machine, for tries that cost nothing.",
        discussion: """
            Prints the base URL when it is ready: set AMARA_API_URL to it. --write-keys writes a key file for meshmill \
            keys import. Times are the provider's, divided by --speed: 15m at --speed 60 is 15 s of real time.
            """
    )

    @Option(help: "Address and port to listen on; port 0 takes any free one.")
    var listen: ListenAddress = ListenAddress(host: "127.0.0.1", port: 8_080)

    @Option(help: "How many keys, sim-1 and on.")
    var keys = 3

    @Option(help: "Creations per window and key.")
    var limit = 5

    @Option(help: "Length of the window, in the provider's time.")
    var window = LengthOfTime(.seconds(900))

    @Option(help: "How the window counts: \(WindowModel.allCases.map(\.rawValue).joined(separator: ", ")).")
    var model: WindowModel = .slidingLog

    @Option(help: "How much faster than real time the provider runs.")
    var speed = 1.0

    @Option(help: "How many accounts the keys belong to, in turn.")
    var orgs = 1

    @Option(help: "Credits a month of each key, in turn; none for no limit. (default: none)")
    var monthlyLimit: [MonthlyLimit] = []

    @Option(help: "Credits of each account, in turn. (default: 1000000)")
    var credits: [Int] = []

    @Option(help: "Generations that the backend works on at once.")
    var concurrency = 256

    @Option(help: "Decides ids, secrets, times and faults.")
    var seed: UInt64 = 1

    @Option(help: "Append each request to this file, as a line of JSON.", completion: .file())
    var log: String?

    @Option(help: "Write the keys to this file, for meshmill keys import.", completion: .file())
    var writeKeys: String?

    @OptionGroup(title: "Faults") var faults: FaultOptions

    func validate() throws {
        guard (1...100_000).contains(keys) else { throw ValidationError("--keys \(keys) is not within 1 to 100000") }
        guard KeyLimits.rateLimits.contains(limit) else {
            throw ValidationError("--limit \(limit) is not within 1 to 1000")
        }
        guard (1...keys).contains(orgs) else { throw ValidationError("--orgs \(orgs) is not within 1 to --keys") }
        guard (1...100_000).contains(concurrency) else {
            throw ValidationError("--concurrency \(concurrency) is not within 1 to 100000")
        }
        guard speed.isFinite, speed > 0, KeyLimits.rateWindows.contains(window.duration / speed) else {
            throw ValidationError("--window divided by --speed must be 0.1s to 31d")
        }
        guard !credits.contains(where: { $0 < 0 }) else { throw ValidationError("--credits must not be negative") }
    }

    func run() async throws {
        var provider = ProviderConfiguration(
            keyCount: keys,
            orgs: orgs,
            monthlyLimits: monthlyLimit.map { $0.credits.map(Int.init) },
            orgCredits: credits,
            limit: limit,
            window: window.duration,
            model: model,
            seed: seed
        )
        provider.concurrency = concurrency
        provider.faults = faults.settings
        var configuration = SimulatorConfiguration(provider: provider, speed: speed, port: listen.port)
        configuration.host = listen.host
        configuration.logFile = log
        if let writeKeys { try KeyFileText(configuration).write(to: writeKeys) }
        try await serve(configuration)
    }

    private func serve(_ configuration: SimulatorConfiguration) async throws {
        var logger = Logger(label: "simulator")
        // The server's own news are noise beside the one line that scripts wait for.
        logger.logLevel = max(logger.logLevel, .warning)
        let simulator: Simulator
        do { simulator = try Simulator(configuration, logger: logger) } catch {
            throw Failure(.inputOutput, "cannot write the log \(configuration.logFile ?? ""): \(error)")
        }
        let group = ServiceGroup(
            services: [simulator],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                if await simulator.waitUntilListening() != nil {
                    try Output.line(simulator.baseURL)
                    Messages.line(configuration.summary)
                }
                try await tasks.waitForAll()
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .inputOutput,
                "cannot listen on \(listen): \(error); choose another address with --listen HOST:PORT"
            )
        }
    }
}

extension WindowModel: ExpressibleByArgument {}
