import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The Amara API on this machine, over real HTTP.
///
/// Its clock starts when it is made. The work of a request is: read and check the body, ask the ``Provider`` under a
/// lock, send what it answers.
package final class Simulator: Service {
    /// Path of the API, as in the reference's base URL.
    package static let basePath = "/meshgen-api"

    package let configuration: SimulatorConfiguration
    package let log: RequestLog
    private let logger: Logger
    private let provider: Mutex<Provider>
    private let startedAt = ContinuousClock.now
    private let skipped = Mutex(Duration.zero)
    private let hasRun = Mutex(false)
    private let port = Mutex<Int?>(nil)
    private let listening = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// Makes a simulator that does not listen yet.
    ///
    /// - Throws: ``ConfigurationProblem``, or the system's error if the log file cannot be opened.
    package init(_ configuration: SimulatorConfiguration, logger: Logger) throws {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        let scaled = configuration.provider.scaled(by: configuration.speed)
        provider = Mutex(Provider(scaled))
        let windows = scaled.keys.compactMap { key in key.window.map { (key.name, $0) } }
        let judge = Judge(
            window: scaled.window,
            windows: Dictionary(windows) { first, _ in first },
            capacity: scaled.maximumGenerations
        )
        log = try RequestLog(
            judge: judge,
            capacity: configuration.logCapacity,
            file: configuration.logFile,
            logger: logger
        )
    }

    /// Serves, once, until the task is cancelled or a graceful shutdown is asked for; then lets answers under way finish.
    package func run() async throws {
        let isSecond = hasRun.withLock { hasRun in
            defer { hasRun = true }
            return hasRun
        }
        precondition(!isSecond, "a simulator runs once")
        let application = Application(
            router: routes(),
            server: .http1(configuration: .init(idleTimeout: .seconds(120))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)
            ),
            onServerRunning: { [self] channel in
                let bound = channel.localAddress?.port ?? configuration.port
                port.withLock { $0 = bound }
                listening.continuation.yield(bound)
            },
            logger: logger
        )
        defer { listening.continuation.finish() }
        try await application.run()
    }

    /// Waits until the simulator listens; for one task, as it takes the only notice.
    ///
    /// - Returns: the port; `nil` when it stopped before it listened.
    package func waitUntilListening() async -> Int? {
        if let port = port.withLock({ $0 }) { return port }
        for await port in listening.stream { return port }
        return nil
    }

    /// The API's base URL, for `AMARA_API_URL`; the port is the configured one until the simulator listens.
    package var baseURL: String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "http://\(host):\(port.withLock { $0 } ?? configuration.port)\(Self.basePath)"
    }

    /// Real time since the simulator was made, and what was skipped.
    package var now: Duration { ContinuousClock.now - startedAt + skipped.withLock { $0 } }

    /// Moves the simulator's clock forward, so that generations end, files expire and windows pass without a wait.
    package func skip(_ duration: Duration) {
        skipped.withLock { $0 += max(.zero, duration) }
    }

    /// Gives the provider and the time, which does not go back from one call to the next.
    package func withProvider<Result: Sendable>(_ body: (inout Provider, Duration) -> Result) -> Result {
        provider.withLock { provider in body(&provider, now) }
    }

    /// Lets the provider decide on a request, and logs it in the order of decisions.
    func decide(_ body: (inout Provider, Duration) -> Answer) -> Answer {
        provider.withLock { provider in
            let answer = body(&provider, now)
            log.append(answer.record)
            return answer
        }
    }

    /// Changes what goes wrong, from the next request on.
    package func setFaults(_ faults: FaultSettings) {
        withProvider { provider, _ in provider.faults = faults }
    }

    /// Judges all requests so far.
    package func report() -> SimulatorReport { log.report(at: now) }
}
