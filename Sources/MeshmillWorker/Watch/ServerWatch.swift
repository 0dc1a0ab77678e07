import Foundation
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient
import Synchronization

/// Looks after the database server: whether it is still the same one, and whether its clock was set.
///
/// Looks at the start, as often as the lease is renewed, and after each trouble with the database, before anything is
/// claimed again.
final class ServerWatch: Sendable {
    private struct State {
        var installation: UUID?
        var writes: Int64?
        var clock = ClockWatch()
        /// The server's clock at the last look.
        var lastClock: PostgresTimestamp?
        var saidSkew = false
    }

    /// What people are told of once.
    private static let noticedSkew: Duration = .seconds(5)
    /// Below this, slewing and rounding are not told from a step.
    private static let leastStep: Duration = .milliseconds(10)

    private let worker: UUID
    private let database: PostgresClient
    private let memory: any ServerMemory
    private let logger: Logger
    private let origin = ContinuousClock.now
    private let state = Mutex(State())

    init(worker: UUID, database: PostgresClient, memory: any ServerMemory, logger: Logger) {
        self.worker = worker
        self.database = database
        self.memory = memory
        self.logger = logger
    }

    /// Looks once.
    ///
    /// - Throws: what the database answers.
    func look() async throws {
        if state.withLock({ $0.installation == nil }) {
            let installation = try await database.query(ReadInstallation()).first?.id
            state.withLock { state in
                state.installation = installation
                state.writes = installation.flatMap { memory.writes(of: $0) }
            }
        }
        let left = ContinuousClock.now
        let statement = WatchServer(
            worker: worker,
            clock: PostgresTimestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)),
            writes: state.withLock(\.writes)
        )
        guard let seen = try await database.query(statement).first else { return }
        let came = ContinuousClock.now
        memory.remember(writes: seen.writes, of: seen.installation)
        let (step, since) = state.withLock { state in
            state.installation = seen.installation
            state.writes = max(seen.writes, state.writes ?? 0)
            defer { state.lastClock = seen.serverClock }
            let step = state.clock.look(
                read: .microseconds(seen.serverClock.microseconds),
                left: origin.duration(to: left),
                came: origin.duration(to: came)
            )
            return (step, state.lastClock)
        }
        if let change = seen.change {
            logger.warning("\(change); all keys wait one window, since nobody knows what was sent with them")
        }
        tellSkew(seen.skew)
        guard let step, let since else { return }
        try await note(step, since: since, until: seen.serverClock)
    }

    private func tellSkew(_ skew: Duration) {
        let isLarge = abs(skew / .seconds(1)) > Self.noticedSkew / .seconds(1)
        let isNews = state.withLock { state in
            defer { state.saidSkew = isLarge }
            return isLarge && !state.saidSkew
        }
        guard isNews else { return }
        logger.warning(
            "this host's clock is \(DurationText.format(skew)) ahead of the database's; no decision depends on it, but set both by NTP"
        )
    }

    private func note(_ step: ClockWatch.Step, since: PostgresTimestamp, until: PostgresTimestamp) async throws {
        guard abs(step.least / .seconds(1)) > Self.leastStep / .seconds(1) else { return }
        if step.least < .zero {
            logger.warning(
                "the database's clock went back by \(DurationText.format(.zero - step.least)); windows only lengthen"
            )
            return
        }
        guard let margin = try await database.query(ReadLeastMargin()).first, step.least > margin / 2 else { return }
        if try await database.query(NoteClockStep(since: since, until: until, step: step.most)).first == true {
            logger.warning(
                "the database's clock jumped forward by \(DurationText.format(step.most)); all windows are lengthened by it"
            )
        }
    }
}
