import Logging
import ServiceLifecycle

/// Runs a simulator on a free port while `body` runs, then stops it and waits until it has.
///
///     try await withSimulator(SimulatorConfiguration(speed: 60)) { simulator in
///         let base = simulator.baseURL
///     }
///
/// - Throws: what `body` throws, or what keeps the simulator from listening.
package func withSimulator<Result: Sendable>(
    _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
    _ body: (Simulator) async throws -> Result
) async throws -> Result {
    var configuration = configuration
    var logger = Logger(label: "simulator")
    logger.logLevel = .warning  // a test's output is its own
    configuration.port = 0
    let simulator = try Simulator(configuration, logger: logger)
    var settings = ServiceGroupConfiguration(services: [simulator], logger: logger)
    settings.maximumGracefulShutdownDuration = .seconds(5)
    let group = ServiceGroup(configuration: settings)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        guard await simulator.waitUntilListening() != nil else {
            try await tasks.waitForAll()
            throw CancellationError()
        }
        do {
            let result = try await body(simulator)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }
}
