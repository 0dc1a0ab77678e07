import Artifacts
import MeshmillSubmission
import Testing

@Suite("Interrupting a submission")
struct CancellationTests {
    @Test("a submission that is cancelled ends at once, and the next one finishes the work", .timeLimit(.minutes(1)))
    func canBeCancelled() async throws {
        let signal = Signal()
        let intake = MemoryIntake(beforeAdding: {
            if signal.raise() { try await Task.sleep(for: .seconds(600)) }
        })
        try await withTemporaryFolder { folder in
            let setup = try await SubmissionSetup(folder, intake: intake)
            try setup.writePhotos(0..<64)
            let task = Task { try await setup.submit() }
            await signal.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }

            let report = try await setup.submit()
            #expect(report.submitted == 64)
        }
    }

    @Test("a cancelled task does not begin")
    func doesNotBegin() async throws {
        try await withSubmission { setup in
            try setup.writePhotos(0..<3)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await setup.submit()
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(setup.intake.jobs.isEmpty)
        }
    }

    @Test("what the database answers comes through, and the next run goes on")
    func passesErrorsOn() async throws {
        struct Away: Error {}
        let failures = Countdown(1)
        let intake = MemoryIntake(beforeAdding: { if failures.next() { throw Away() } })
        try await withTemporaryFolder { folder in
            let setup = try await SubmissionSetup(folder, intake: intake)
            try setup.writePhotos(0..<10)
            await #expect(throws: Away.self) { try await setup.submit() }
            #expect(try await setup.submit().submitted == 10)
        }
    }

    @Test("a store that is full is a pause that is told once, not a loss")
    func waitsForTheStore() async throws {
        try await withSubmission { setup in
            var setup = setup
            setup.store = try HookedStore.failing(setup.store, times: 12)
            setup.patience = StoragePatience(firstWait: .milliseconds(1), longestWait: .milliseconds(4))
            try setup.writePhotos(0..<20)

            let report = try await setup.submit()

            #expect(report.submitted == 20)
            let pauses = setup.events.all.compactMap { event in
                switch event {
                case .paused: true
                case .resumed: false
                default: nil
                }
            }
            #expect(!pauses.isEmpty && pauses.count % 2 == 0)
            #expect(pauses.enumerated().allSatisfy { index, isPause in isPause == (index % 2 == 0) })
        }
    }

    @Test("a store that stays full is given up, with the cause and the cure")
    func givesUp() async throws {
        try await withSubmission { setup in
            var full = setup
            full.store = try HookedStore.failing(setup.store, times: .max)
            full.patience = StoragePatience(firstWait: .milliseconds(1), givesUpAfter: .milliseconds(20))
            let setup = full
            try setup.writePhotos(0..<2)
            let error = await #expect(throws: SubmissionError.self) { try await setup.submit() }
            guard case .storage(let line) = error else {
                Issue.record("unexpected: \(String(describing: error))")
                return
            }
            #expect(line.hasSuffix("run the command again to go on"))
            #expect(setup.intake.jobs.isEmpty)
        }
    }
}
