import Logging
import PostgresClient
import Synchronization
import Testing

@testable import MeshmillWorker

@Suite("Writes in batches", .timeLimit(.minutes(1)))
struct BatcherTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Numbers that a batcher wrote, which refuses any batch that has this one in it.
    private final class Table: Sendable {
        let poison: Int?
        private let rows = Mutex<[Int]>([])

        init(poison: Int? = nil) { self.poison = poison }

        var written: [Int] { rows.withLock { $0.sorted() } }

        func write(_ batch: [Int]) throws -> [Int] {
            if let poison, batch.contains(poison) {
                throw PostgresError(.server, "no such thing", sqlState: .dataException)
            }
            rows.withLock { $0 += batch }
            return batch.map { $0 * 10 }
        }
    }

    /// Hands numbers in at once and returns what became of each: what was answered, or nil.
    private func submit(_ numbers: Range<Int>, to batcher: Batcher<Int, Int>) async -> [Int?] {
        await withTaskGroup(of: (Int, Int?).self) { group in
            group.addTask {
                await batcher.run()
                return (-1, nil)
            }
            return await withTaskGroup(of: (Int, Int?).self) { writers in
                for number in numbers { writers.addTask { (number, try? await batcher.submit(number)) } }
                var answers: [Int: Int?] = [:]
                for await (number, answer) in writers { answers[number] = answer }
                batcher.finish()
                return numbers.map { answers[$0] ?? nil }
            }
        }
    }

    @Test("LESSON 14: one row that the database refuses fails alone, and the others of its batch are written")
    func poison() async {
        let table = Table(poison: 37)
        let batcher = Batcher<Int, Int>(name: "test", limit: 100, logger: Self.logger) { try table.write($0) }
        let answers = await submit(0..<100, to: batcher)
        #expect(table.written == Array(0..<100).filter { $0 != 37 })
        #expect(answers == (0..<100).map { $0 == 37 ? nil : $0 * 10 })
    }

    @Test("a database that is away is waited for, and each write then answered once")
    func outage() async {
        let table = Table()
        let failures = Mutex(3)
        let batcher = Batcher<Int, Int>(name: "test", limit: 10, logger: Self.logger) { batch in
            let fails = failures.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            if fails { throw PostgresError(.connectionLost, "gone") }
            return try table.write(batch)
        }
        let answers = await submit(0..<25, to: batcher)
        #expect(table.written == Array(0..<25))
        #expect(answers == (0..<25).map { $0 * 10 })
    }
}
