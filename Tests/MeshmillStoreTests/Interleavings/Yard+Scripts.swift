import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient

/// The parts of workers, operators and housekeeping, as scripts over the product's own statements.
extension Yard {
    /// A second worker.
    static let bob = UUID()

    /// Makes a worker known under a name, with a live lease.
    func greet(_ id: UUID, _ name: String) async throws {
        _ = try await client.query(Heartbeat(worker: id, name: name, version: "0", lease: lease))
    }

    /// Who a worker is, in the names of scripts.
    private func name(_ id: UUID?) -> String { (id ?? worker) == Self.bob ? "bob" : "ada" }

    func claims(_ limit: Int = 1, as id: UUID? = nil, batch: Int64? = nil) -> Script {
        let claim = ClaimJobs(
            worker: id ?? worker,
            limit: limit,
            pool: nil,
            batch: batch,
            requestDeadline: deadline,
            grace: grace,
            probe: false
        )
        return .transaction("\(name(id)) claims", mayYield: true) { connection in
            try await connection.query(claim).map { "job \($0.jobID) with key \($0.keyID)" }.sorted()
                .joined(separator: " and ")
        }
    }

    func settles(
        _ attempts: [ClaimedAttempt],
        _ effect: AnswerEffect,
        as id: UUID? = nil,
        creditsRemaining: Int? = nil
    ) -> Script {
        let answers = attempts.map { attempt in
            AnswerRecord(
                attemptID: attempt.attemptID,
                effect: effect,
                generationID: effect.outcome == .generating ? "g\(attempt.attemptID)" : nil,
                creditsRemaining: creditsRemaining
            )
        }
        let settle = SettleAnswers(worker: id ?? worker, answers: answers)
        return .transaction("\(name(id)) settles as \(effect.outcome)") { connection in
            try await connection.query(settle).map {
                "attempt \($0.attemptID) \($0.isAccepted ? "accepted" : "refused"), job \($0.isMoved ? "moved" : "left")"
            }.sorted().joined(separator: " and ")
        }
    }

    func finishes(
        _ attempt: ClaimedAttempt,
        _ end: GenerationResult.End = .completed(.init(sha256: "00ff", bytes: 2, outputs: [])),
        as id: UUID? = nil,
        epoch: Int64? = nil,
        refunded: Bool? = nil
    ) -> Script {
        let result = GenerationResult(
            attemptID: attempt.attemptID,
            jobID: attempt.jobID,
            leaseEpoch: epoch ?? attempt.leaseEpoch,
            end: end,
            refunded: refunded
        )
        let finish = FinishGenerations(worker: id ?? worker, results: [result])
        return .transaction("\(name(id)) finishes") { connection in
            try await connection.query(finish)[0].isAccepted ? "its result accepted" : "its result refused"
        }
    }

    func beginsDownload(_ attempt: ClaimedAttempt) -> Script {
        let begin = BeginDownload(
            jobID: attempt.jobID,
            leaseEpoch: attempt.leaseEpoch,
            worker: worker,
            expiresIn: .seconds(600)
        )
        return .transaction("ada begins the download") { connection in
            try await connection.query(begin).isEmpty ? "no output to make" : "its outputs"
        }
    }

    func beats(as id: UUID? = nil) -> Script {
        let heartbeat = Heartbeat(worker: id ?? worker, name: "", version: "0", lease: lease)
        return .transaction("\(name(id)) beats") { connection in
            _ = try await connection.query(heartbeat)
            return ""
        }
    }

    func handsOver() -> Script {
        let handOver = HandOver(worker: worker)
        return .transaction("ada hands over") { connection in
            try await connection.execute(handOver)
            return ""
        }
    }

    func adopts(as id: UUID? = Yard.bob) -> Script {
        let adopt = AdoptOrphans(worker: id ?? worker, lease: lease, limit: 10)
        return .transaction("\(name(id)) adopts", mayYield: true) { connection in
            try await connection.query(adopt).map {
                "job \($0.jobID) \($0.state?.rawValue ?? "") epoch \($0.leaseEpoch)"
            }
            .sorted().joined(separator: " and ")
        }
    }

    func acts(_ action: JobAction, on jobs: [Int64]) -> Script {
        let act = ActOnJobs(action, jobIDs: jobs, reason: "test")
        return .transaction("operator: \(action)") { connection in
            "\(try await connection.query(act).count) jobs"
        }
    }

    func promotes(_ who: String = "housekeeping") -> Script {
        .transaction("\(who): promote", mayYield: true) { connection in
            let promoted = try await connection.query(PromoteJobs(limit: 10))[0]
            return promoted == 0 ? "" : "\(promoted) promoted"
        }
    }

    /// A call that returns nothing of interest.
    func does(_ name: String, _ statement: some Statement) -> Script {
        .transaction(name) { connection in
            _ = try await connection.execute(statement)
            return ""
        }
    }

    /// A call of an `ops` function, which may be refused.
    func calls(_ function: String) -> Script {
        .transaction("admin: \(function.prefix { $0 != "(" })") { connection in
            do {
                try await connection.simpleQuery("SELECT ops.\(function)")
                return "it done"
            } catch let error as PostgresError where error.sqlState == .checkViolation {
                return "it refused"
            }
        }
    }

    /// Changes of a key's settings, each under its own name.
    func changesKeys(_ name: String, _ changes: [(key: String, (inout ChangeKey.Changes) -> Void)]) throws -> Script {
        let steps = try changes.map { key, set in
            var changes = ChangeKey.Changes()
            set(&changes)
            let statement = try ChangeKey(name: key, changes, reason: "test")
            return Script.Step(name: "admin: \(name)") { connection in
                _ = try await connection.query(statement)
                return ""
            }
        }
        return .transaction(steps)
    }
}
