import MeshmillCore
import Testing

@Suite("How fast jobs complete")
struct CompletionMeterTests {
    @Test("it says nothing before the first job, and nothing after a moment only")
    func tooEarly() {
        var meter = CompletionMeter()
        meter.note(completed: 7, at: .zero)
        meter.note(completed: 9, at: .seconds(3))
        #expect(meter.perSecond == nil)
        meter.note(completed: 9, at: .seconds(20))
        #expect(meter.perSecond == 0.1)
    }

    @Test("jobs completed before it began do not count")
    func earlierRuns() {
        var meter = CompletionMeter()
        for second in 0...60 { meter.note(completed: 5_000, at: .seconds(second)) }
        #expect(meter.perSecond == nil)
    }

    @Test("it looks back a quarter of an hour")
    func span() throws {
        var meter = CompletionMeter()
        for second in 0...3_600 { meter.note(completed: min(second, 1_800), at: .seconds(second)) }
        #expect(meter.perSecond == nil)
        for second in 3_601...4_500 { meter.note(completed: 1_800 + (second - 3_600) / 2, at: .seconds(second)) }
        let rate = try #require(meter.perSecond)
        #expect((0.49...0.51).contains(rate))
    }

    @Test("time that goes back is ignored")
    func backwards() {
        var meter = CompletionMeter()
        meter.note(completed: 0, at: .seconds(100))
        meter.note(completed: 10, at: .seconds(200))
        meter.note(completed: 99, at: .seconds(50))
        #expect(meter.perSecond == 0.1)
    }
}
