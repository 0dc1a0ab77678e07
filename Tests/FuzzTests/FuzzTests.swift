import FoundationEssentials
import Testing

@Suite("Whatever strangers feed us", .timeLimit(.minutes(FuzzTime.longestMinutes)))
struct FuzzTests {
    @Test("every input of the corpus keeps the promises", arguments: FuzzSubject.all)
    func corpus(_ subject: FuzzSubject) throws {
        let inputs = try Corpus.inputs(of: subject)
        #expect(!inputs.isEmpty)
        for input in inputs {
            #expect(throws: Never.self, "\(input.name)") { try Self.feed(subject, input.bytes) }
        }
    }

    @Test("so does what chance makes of them", arguments: FuzzSubject.all)
    func mutations(_ subject: FuzzSubject) async throws {
        var pool = try Corpus.inputs(of: subject).map(\.bytes)
        var kinds = Set(pool.compactMap { try? Self.feed(subject, $0) })
        let start = FuzzTime.seconds == nil ? 1 : UInt64.random(in: 1...(.max / 2))
        let deadline = FuzzTime.seconds.map { ContinuousClock.now.advanced(by: .seconds($0)) }
        var round: UInt64 = 0
        while deadline.map({ ContinuousClock.now < $0 }) ?? (round < 2_000) {
            if round % 16 == 0 { await Task.yield() }
            var mutator = Mutator(seed: start &+ round &* 7_919)
            round += 1
            let input = mutator.mutate(pool, words: subject.words)
            // A trap leaves no message, but this file.
            if deadline != nil { try Data(input).write(to: URL(filePath: "/tmp/meshmill-fuzz-\(subject.name)")) }
            do {
                let kind = try Self.feed(subject, input)
                if kinds.insert(kind).inserted, pool.count < 2_000 { pool.append(input) }
            } catch {
                Issue.record("\(subject.name): \(error); the input in base64: \(Data(input).base64EncodedString())")
                return
            }
        }
        if deadline != nil { print("\(subject.name): \(round) inputs, \(kinds.count) kinds of answers") }
    }

    /// Feeds an input and looks at the time as well.
    @discardableResult
    private static func feed(_ subject: FuzzSubject, _ input: [UInt8]) throws -> String {
        let cost = FuzzCost()
        let kind = try subject.feed(input)
        try cost.check()
        return kind
    }
}
