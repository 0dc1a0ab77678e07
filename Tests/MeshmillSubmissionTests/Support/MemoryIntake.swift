import MeshmillSubmission
import Synchronization

/// A batch in memory that keeps the intake's contract, for tests of what is handed in.
final class MemoryIntake: JobIntake {
    struct State {
        var inputs: [[UInt8]: KnownInput] = [:]
        var jobs: [NewJob] = []
        var jobIDs: [Identity: Int64] = [:]
        var owners: [[UInt8]: Int64] = [:]
        var lookUps = 0
        var chunks: [Int] = []
        var failed: Set<Int64> = []
    }

    struct Identity: Hashable {
        let input: [UInt8]
        let parameters: JobParameters
    }

    private let state = Mutex(State())
    /// Called before jobs are added, outside the lock.
    private let beforeAdding: @Sendable () async throws -> Void

    init(beforeAdding: @escaping @Sendable () async throws -> Void = {}) { self.beforeAdding = beforeAdding }

    var snapshot: State { state.withLock { $0 } }
    var jobs: [NewJob] { snapshot.jobs }

    /// Lets a job fail, as if it had run.
    func fail(_ jobID: Int64) { state.withLock { _ = $0.failed.insert(jobID) } }

    func knownInputs(_ sourceHashes: [[UInt8]]) async throws -> [[UInt8]: KnownInput] {
        precondition(sourceHashes.count <= 1_000)
        return state.withLock { state in
            state.lookUps += 1
            return state.inputs.filter { sourceHashes.contains($0.key) }
        }
    }

    func recordInputs(_ inputs: [KnownInput]) async throws {
        precondition(inputs.count <= 1_000)
        state.withLock { state in
            for input in inputs { state.inputs[input.sourceSHA256] = input }
        }
    }

    func add(_ jobs: [NewJob], replacing: Bool) async throws -> [IntakeResult] {
        precondition(jobs.count <= 1_000 && Set(jobs.map { Array($0.output.utf8) }).count == jobs.count)
        try await beforeAdding()
        return state.withLock { state in
            state.chunks.append(jobs.count)
            let recorded = Set(state.inputs.values.map(\.inputSHA256))
            return jobs.map { job in
                precondition(recorded.contains(job.inputSHA256), "an input is recorded before a job names it")
                return state.add(job, replacing: replacing)
            }
        }
    }
}

extension MemoryIntake.State {
    fileprivate mutating func add(_ job: NewJob, replacing: Bool) -> IntakeResult {
        let identity = MemoryIntake.Identity(input: job.inputSHA256, parameters: job.parameters)
        let output = Array(job.output.utf8)
        let present = jobIDs[identity]
        if let owner = owners[output] {
            guard owner != present else {
                return failed.remove(owner) == nil ? .existing(owner, state: "queued") : .requeued(owner)
            }
            guard replacing else { return .conflict(owner) }
        }
        let jobID = present ?? Int64(jobIDs.count + 1)
        let isReplacement = owners[output] != nil
        jobIDs[identity] = jobID
        owners[output] = jobID
        if isReplacement { return .replaced(jobID) }
        jobs.append(job)
        return present == nil ? .added(jobID) : .duplicate(jobID)
    }
}
