import MeshmillStore
import PostgresClient

/// Plays scripts against each other on a stage, in every order of their steps.
struct Rehearsal {
    /// One schedule as it was played.
    struct Play {
        /// The steps in their order; those that had to wait for a lock say so.
        var trace: [String] = []
        /// What the sessions saw and what the tables say afterwards.
        var outcome = ""
        var violations: [String] = []
    }

    /// A play that cannot be used.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let stage: Stage
    let sessions: [Session]

    /// Plays every order of the steps, and calls `body` with each; the first step is that of `opener`, if there is one.
    func playAll(_ scripts: [Script], opener: Script? = nil, _ body: (Play) -> Void) async throws {
        let all = [opener].compactMap(\.self) + scripts
        try await explore { tree in
            try await play(all) { cursor, enabled in
                if opener != nil, cursor.isAtStart { return .takes(0) }
                return .takes(enabled[tree.choose(among: enabled)])
            }
        } body: {
            body($0)
        }
    }

    /// The outcomes of the transactions one after another, in every order, with and without those that may yield.
    func serialOutcomes(_ scripts: [Script]) async throws -> Set<String> {
        var outcomes: Set<String> = []
        try await explore { tree in
            try await play(scripts) { cursor, enabled in
                if let running = enabled.first(where: { cursor.isInTransaction($0) }) { return .takes(running) }
                let yielding = enabled.filter { cursor.mayYield($0) }
                let choice = tree.choose(among: enabled + yielding)
                return choice < enabled.count ? .takes(enabled[choice]) : .skips(yielding[choice - enabled.count])
            }
        } body: {
            outcomes.insert($0.outcome)
        }
        return outcomes
    }

    /// Plays along all paths of a tree.
    private func explore(_ play: (inout ScheduleTree) async throws -> Play, body: (Play) -> Void) async throws {
        var tree = ScheduleTree()
        repeat {
            body(try await play(&tree))
            // One COMMIT may let two sessions go at once, and it is chance who comes first: give chance three more goes.
            for _ in 0..<3 where tree.hasDiverged {
                tree.restart()
                body(try await play(&tree))
            }
        } while tree.advance()
    }

    /// What comes next in a play.
    private enum Move {
        /// This script takes a step.
        case takes(Int)
        /// This script passes its next transaction.
        case skips(Int)
    }

    /// Plays one schedule from the saved content.
    private func play(_ scripts: [Script], choosing choose: (Cursor, [Int]) -> Move) async throws -> Play {
        try await stage.restore()
        var play = Play()
        var cursor = Cursor(scripts)
        while true {
            let enabled = scripts.indices.filter { cursor.hasNext($0) && !sessions[$0].isBusy }
            if enabled.isEmpty {
                guard sessions.contains(where: \.isBusy) else { break }
                try await waitForAny(play.trace)
                continue
            }
            switch choose(cursor, enabled) {
            case .skips(let index): cursor.skip(index)
            case .takes(let index):
                var step = cursor.next(index)
                if sessions[index].failure != nil, cursor.isInTransaction(index) {
                    // Only the end of its transaction is left to it.
                    cursor.skip(index)
                    step = .end("ROLLBACK")
                }
                sessions[index].start(step)
                try await settleDown()
                play.trace.append("\(index + 1): \(step.name)\(sessions[index].isBusy ? " (waits)" : "")")
            }
        }
        try await close(&play, scripts)
        return play
    }

    /// Writes down how a play ended.
    private func close(_ play: inout Play, _ scripts: [Script]) async throws {
        var seen: [String] = []
        for index in scripts.indices {
            if let failure = sessions[index].failure { play.violations.append(failure) }
            let results = sessions[index].takeResults()
            if !results.isEmpty { seen.append("\(scripts[index].name) saw \(results.joined(separator: ", "))") }
        }
        let (tables, violations) = try await stage.look()
        play.outcome = (seen + [tables]).joined(separator: "\n")
        play.violations += violations
    }

    /// Waits until every busy session waits for a lock of another.
    private func settleDown() async throws {
        while true {
            let busy = sessions.filter(\.isBusy)
            guard !busy.isEmpty else { return }
            if try await stage.areWaiting(busy, among: sessions), busy.allSatisfy(\.isBusy) { return }
            try await Task.sleep(for: .microseconds(300))
        }
    }

    /// Waits until one of the sessions that wait for each other has given up.
    private func waitForAny(_ trace: [String]) async throws {
        let before = sessions.count(where: \.isBusy)
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while sessions.count(where: \.isBusy) == before {
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "nobody can go on: \(trace.joined(separator: " | "))")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        try await settleDown()
    }
}
