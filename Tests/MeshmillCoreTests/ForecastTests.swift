import MeshmillCore
import Testing

@Suite("A forecast")
struct ForecastTests {
    private let window: Duration = .seconds(900)

    /// Keys of 5 per 15 min without a margin, answers at once, and generations of a minute.
    private func input(keys: Int, jobs: Int) -> ForecastInput {
        var input = ForecastInput()
        input.orgs = [ForecastOrg(name: "org")]
        input.keys = (0..<keys).map {
            ForecastKey(name: "k\($0)", org: 0, pool: 1, limit: 5, window: window, margin: .zero)
        }
        input.tenants = [ForecastTenant(name: "default", pool: 1)]
        input.batches = [ForecastBatch(id: 1, tenant: 0, waiting: jobs)]
        input.pace = ForecastPace(answer: .zero, generations: [.seconds(60)])
        return input
    }

    @Test("sends at once what the slots allow, then a window's worth each window")
    func windows() throws {
        let few = try Forecast.run(input(keys: 2, jobs: 10)).batches[0]
        #expect(few.endsIn == .seconds(60) && few.binding == .nothing && few.credits == 10)
        let many = try Forecast.run(input(keys: 2, jobs: 31)).batches[0]
        #expect(many.endsIn == window * 3 + .seconds(60) && many.binding == .windows)
    }

    @Test("holds a gap between POSTs where the window model wants one, and reserved slots always")
    func gapsAndReserves() throws {
        var paced = input(keys: 1, jobs: 4)
        paced.keys[0].windowModel = .paced
        #expect(try Forecast.run(paced).batches[0].endsIn == window * 3 / 5 + .seconds(60))
        var strict = input(keys: 1, jobs: 4)
        strict.keys[0].windowModel = .strict
        #expect(try Forecast.run(strict).batches[0].endsIn == window * 3 / 4 + .seconds(60))
        try strict.apply(.reserveSlots(key: "k0", 4))
        #expect(try Forecast.run(strict).batches[0].endsIn == window * 6 + .seconds(60))
        var reserved = input(keys: 1, jobs: 7)
        reserved.keys[0].reserve = 2
        #expect(try Forecast.run(reserved).batches[0].endsIn == window * 2 + .seconds(60))
    }

    @Test("waits for the month, and names the keys that run dry")
    func month() throws {
        var input = input(keys: 2, jobs: 20)
        input.keys[0].monthlyLimit = 3
        input.keys[0].monthlyLeft = 3
        input.keys[0].monthTurnsIn = .seconds(86_400)
        let result = try Forecast.run(input)
        #expect(result.keys[0].posts == 3 && result.keys[0].runsDryIn != nil && result.keys[1].posts == 17)
        #expect(result.batches[0].endsIn == window * 3 + .seconds(60) && result.batches[0].binding == .month)
    }

    @Test("says how many jobs are stranded, and by what")
    func stranded() throws {
        var spent = input(keys: 1, jobs: 5)
        spent.batches[0].creditsLeft = 0
        let none = try Forecast.run(spent).batches[0]
        #expect(none.stranded == 5 && none.binding == .cap && none.credits == 0)
        var credits = input(keys: 2, jobs: 20)
        credits.orgs[0].creditsLeft = 12
        let dry = try Forecast.run(credits).batches[0]
        #expect(dry.stranded == 8 && dry.binding == .credits && dry.endsIn == nil && dry.credits == 12)
        var capped = input(keys: 2, jobs: 20)
        capped.batches[0].creditsLeft = 5
        #expect(try Forecast.run(capped).batches[0].binding == .cap)
        var budget = input(keys: 2, jobs: 20)
        budget.tenants[0].budgetLeft = 0
        #expect(try Forecast.run(budget).batches[0].binding == .budget)
        #expect(try Forecast.run(input(keys: 0, jobs: 1)).batches[0].binding == .keys)
    }

    @Test("shares by weight, so that the heavier tenant ends first")
    func shares() throws {
        var input = input(keys: 4, jobs: 60)
        input.tenants[0].isBacklogged = true
        input.tenants.append(ForecastTenant(name: "heavy", pool: 1, weight: 3))
        input.batches.append(ForecastBatch(id: 2, tenant: 1, waiting: 60))
        let result = try Forecast.run(input)
        // 20 slots a window, 15 of them for the heavy one.
        #expect(result.batches[1].endsIn == window * 3 + .seconds(60) && result.batches[1].binding == .share)
        #expect(result.batches[0].endsIn == window * 5 + .seconds(60))
    }

    @Test("serves the higher priority first, then the older batch")
    func priorities() throws {
        var input = input(keys: 1, jobs: 5)
        input.batches.append(ForecastBatch(id: 2, tenant: 0, priority: 1, waiting: 5))
        let result = try Forecast.run(input)
        #expect(result.batches[1].endsIn == .seconds(60) && result.batches[0].endsIn == window + .seconds(60))
    }

    @Test("counts POSTs that come to nothing, which cost a slot and no credit")
    func wasted() throws {
        var input = input(keys: 10, jobs: 100)
        input.pace = ForecastPace(answer: .zero, generations: [.seconds(60)], wasted: 0.125, retryAfter: .seconds(30))
        let result = try Forecast.run(input)
        #expect(result.posts == 114 && result.batches[0].credits == 100)
    }

    @Test("of thousands of POSTs over a thousand keys takes seconds, even unoptimized")
    func isQuick() throws {
        let clock = ContinuousClock()
        var input = input(keys: 1_000, jobs: 50_000)
        input.pace = ForecastPace()
        let took = try clock.measure { _ = try Forecast.run(input) }
        #expect(took < .seconds(20))
    }
}
