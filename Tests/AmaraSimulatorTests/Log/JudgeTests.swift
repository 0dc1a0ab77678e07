import AmaraSimulator
import Testing

@Suite("The judge")
struct JudgeTests {
    private func judged(_ bench: inout Bench, _ answers: [Answer], at seconds: Double) -> SimulatorReport {
        var judge = Judge(window: .seconds(900))
        for answer in answers { judge.observe(answer.record) }
        return judge.report(at: .seconds(seconds))
    }

    private func bench(_ model: WindowModel = .slidingLog) -> Bench {
        var settings = ProviderConfiguration(keyCount: 2, limit: 2, model: model)
        settings.times = ProcessingTimes(all: .seconds(60) ... .seconds(60))
        return Bench(settings)
    }

    @Test("counts posts, refusals and the fullest window of each key")
    func keys() {
        var bench = bench()
        let answers = [
            bench.post(0, at: 0), bench.post(1, at: 1), bench.post(2, at: 2), bench.post(3, key: 1, at: 3),
            bench.post(4, at: 900),
        ]
        let report = judged(&bench, answers, at: 1_000)
        #expect(report.posts == 5)
        #expect(report.accepted == 4)
        #expect(report.rateLimited == 1)
        #expect(report.keys.map(\.name) == ["sim-1", "sim-2"])
        #expect(report.keys.map(\.posts) == [4, 1])
        #expect(report.keys.map(\.mostInOneWindow) == [2, 1])
    }

    @Test("sees that a fixed window lets twice the limit pass within one window's length")
    func burstOverBoundary() {
        var bench = Bench(ProviderConfiguration(keyCount: 1, limit: 5, model: .fixedWindow))
        var answers: [Answer] = []
        for second in stride(from: 0.0, to: 1_000, by: 1) { answers.append(bench.post(Int(second), at: second)) }
        let report = judged(&bench, answers, at: 1_000)
        #expect(report.keys.first?.mostInOneWindow ?? 0 > 5)
    }

    @Test("finds the same request accepted twice, also when an answer was lost")
    func duplicates() {
        var bench = bench()
        let answers = [
            bench.post(7, key: 0, at: 0, .lostAfterCounting), bench.post(7, key: 1, at: 1), bench.post(8, at: 2),
        ]
        let report = judged(&bench, answers, at: 10)
        #expect(report.accepted == 3)
        #expect(report.duplicates == 1)
    }

    @Test("names generations that are completed and were never fetched whole")
    func neverDownloaded() throws {
        var bench = bench()
        let first = bench.post(0, at: 0)
        let second = bench.post(1, at: 0)
        let id = try #require(first.record.generationID)
        let answers = [first, second, bench.download(id, at: 60)]
        #expect(judged(&bench, answers, at: 59).neverDownloaded == 0)
        let report = judged(&bench, answers, at: 60)
        #expect(report.neverDownloaded == 1)
        #expect(report.deliveries == 1)
    }

    @Test("says so when it had to forget")
    func partial() {
        var bench = bench()
        var judge = Judge(window: .seconds(900), capacity: 1)
        for answer in [bench.post(0), bench.post(1)] { judge.observe(answer.record) }
        #expect(judge.report(at: .zero).isPartial)
        #expect(judge.report(at: .zero).accepted == 2)
    }
}
