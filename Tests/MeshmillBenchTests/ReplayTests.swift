import Testing

@testable import MeshmillBench

@Suite("What is possible at most")
struct ReplayTests {
    @Test("slots come back a window and a margin after their answers, one POST in flight at a time")
    func replay() {
        let seen = (0..<10).map { SlotReplay.Post(claimed: Double($0), answered: Double($0) + 0.5) }
        let claims = SlotReplay(limit: 2, span: 10).permitted(seen, until: 21)
        #expect(claims == [0, 0.5, 10.5, 11, 21])
    }

    @Test("without any POST seen there is still an end")
    func nothingSeen() {
        #expect(SlotReplay(limit: 5, span: 10).permitted([], until: 5).count == 5)
    }

    @Test("the least makespan is whole windows and one generation")
    func makespan() {
        let even = LeastMakespan(keys: Array(repeating: nil, count: 20), limit: 5, window: 6, generation: 3)
        #expect(even.seconds(posts: 420) == 27)
        #expect(even.seconds(posts: 100) == 3)
        let uneven = LeastMakespan(keys: (0..<20).map { $0 % 4 == 3 ? 3 : nil }, limit: 5, window: 6, generation: 3)
        #expect(uneven.seconds(posts: 420) == 33)
        #expect(LeastMakespan(keys: [3], limit: 5, window: 6, generation: 3).seconds(posts: 4) == nil)
    }

    @Test("pgbench's summary and progress are read")
    func pgbench() throws {
        let stretch = try BareQueue.read(
            """
            number of transactions actually processed: 2000
            tps = 250.250000 (without initial connection time)
            """
        )
        #expect(stretch.jobs == 200_000)
        #expect(stretch.rate == 25_025)
        #expect(throws: BenchError.self) { try BareQueue.read("nothing") }
    }
}
