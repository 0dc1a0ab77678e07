import MeshmillCore
import Testing

@Suite("How long the rest takes")
struct CompletionEstimateTests {
    private let minute: Duration = .seconds(60)

    private func estimate(
        posts: Int,
        running: Int = 0,
        slots: SlotOutlook = SlotOutlook(freeNow: 4, nextIn: .seconds(30), perSecond: 1 / 60.0),
        typical: Duration? = .seconds(120),
        sinceLastPost: Duration? = nil
    ) -> CompletionEstimate {
        CompletionEstimate(
            RemainingWork(posts: posts, running: running, sinceLastPost: sinceLastPost),
            slots: slots,
            typicalGeneration: typical
        )
    }

    @Test("nothing left takes no time, with or without keys")
    func nothing() {
        #expect(estimate(posts: 0, slots: SlotOutlook(), typical: nil) == .after(.zero))
    }

    @Test(
        "free slots cost no wait, the next one its wait, and the others come one by one",
        arguments: [(1, 120), (4, 120), (5, 150), (6, 210), (10, 450)]
    )
    func slots(posts: Int, seconds: Int) {
        #expect(estimate(posts: posts) == .after(.seconds(seconds)))
    }

    @Test("an unknown next slot comes at the usual pace")
    func unknownNext() {
        #expect(estimate(posts: 3, slots: SlotOutlook(perSecond: 1 / 60.0)) == .after(.seconds(300)))
    }

    @Test("the last generation is shortened by the time it has had")
    func lastOne() {
        #expect(estimate(posts: 0, running: 3, sinceLastPost: .seconds(90)) == .after(.seconds(30)))
        #expect(estimate(posts: 0, running: 3, sinceLastPost: .seconds(900)) == .after(.zero))
        #expect(estimate(posts: 1, running: 3, sinceLastPost: .seconds(90)) == .after(.seconds(120)))
    }

    @Test("what is running ends without slots and without quota")
    func runningOnly() {
        #expect(estimate(posts: 0, running: 1, slots: SlotOutlook(quotaLeft: 0)) == .after(.seconds(120)))
    }

    @Test("a quota that ends too early is said, with what is missing")
    func quota() {
        let slots = SlotOutlook(freeNow: 4, perSecond: 1, quotaLeft: 7)
        #expect(estimate(posts: 10, slots: slots) == .quotaShort(by: 3))
        #expect(estimate(posts: 7, slots: slots).duration != nil)
    }

    @Test("no usable key means no end", arguments: [0, Double.nan, -1])
    func noKeys(perSecond: Double) {
        #expect(estimate(posts: 1, slots: SlotOutlook(perSecond: perSecond)) == .noSlots)
        #expect(estimate(posts: 2, slots: SlotOutlook(nextIn: .seconds(1), perSecond: perSecond)) == .noSlots)
    }

    @Test("before the first mesh nobody knows how long one takes")
    func unmeasured() {
        #expect(estimate(posts: 2, typical: nil) == .unmeasured)
    }

    @Test("the longest estimate is bounded")
    func bounded() {
        let slots = SlotOutlook(perSecond: 1e-300)
        #expect(estimate(posts: .max / 4, slots: slots) == .after(CompletionEstimate.longest))
    }
}
