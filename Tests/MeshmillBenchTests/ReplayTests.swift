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

    @Test("a POST is missing for as long as it is late, also where all are sent by the end")
    func lateness() {
        let replay = SlotReplay(limit: 5, span: 10)
        // Bursts of five, from the second on three tenths of a window late.
        let claims = (0..<20).map { Double($0 / 5 * 10) + ($0 < 5 ? 0 : 3) }
        let could = replay.permitted(claims.map { SlotReplay.Post(claimed: $0, answered: $0) }, until: 34)
        #expect(could.count == claims.count)
        #expect(SlotReplay.meanCount(of: claims, in: 24...34) == 15.5)
        #expect(abs(SlotReplay.meanCount(of: could, in: 24...34) - 17) < 0.01)
    }

    @Test("a key that was never used misses all its windows, not one burst")
    func unused() {
        let could = SlotReplay(limit: 5, span: 10).permitted([], until: 34)
        #expect(could.count == 20)
        #expect(abs(SlotReplay.meanCount(of: could, in: 24...34) - 17) < 0.01)
        #expect(SlotReplay.meanCount(of: [], in: 24...34) == 0)
    }

    @Test("what was claimed before a stretch counts all the time, what is claimed after it never")
    func meanCount() {
        #expect(SlotReplay.meanCount(of: [1, 20, 25, 28, 31], in: 20...30) == 2.7)
    }

    @Test("a poll that has not come is a gap once it is late")
    func gaps() {
        #expect(InflightCase.gaps(between: [2, 7, 12], in: 0...16) == [5, 5])
        #expect(InflightCase.gaps(between: [7, 12], in: 0...16) == [7, 5])
        #expect(InflightCase.gaps(between: [4], in: 0...16) == [12])
        #expect(InflightCase.gaps(between: [], in: 0...16) == [16])
    }

    @Test("a slot that is free and not used again waits until the run's end")
    func waits() {
        #expect(LatencyCase.waits(of: [1, 3], free: [2.5, 3.5], run: 0...10) == [500, 6_500])
        #expect(LatencyCase.waits(of: [1, 3], free: [2.5, 9.99], run: 0...10) == [500])
        #expect(LatencyCase.waits(of: [1, 3], free: [2.5, 11], run: 0...10) == [500])
        #expect(LatencyCase.waits(of: [1, 3], free: [2.5], run: 0...10) == [500])
        #expect(LatencyCase.waits(of: [], free: [], run: 0...10) == [10_000])
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
