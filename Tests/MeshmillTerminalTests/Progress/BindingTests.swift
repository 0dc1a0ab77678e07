import MeshmillCore
import MeshmillTerminal
import Testing

@Suite("What binds")
struct BindingTests {
    /// Everything is in the way at once; the tests take it away from the top.
    private var blocked: RunSnapshot {
        var snapshot = RunSnapshot.busy
        snapshot.troubles = [.storage("no space left"), .database("connection refused"), .switchedOff]
        snapshot.keys = KeyOutlook(total: 6, disabled: 2, withoutQuota: 3, paused: 1, orgsWithoutCredits: 1)
        snapshot.credits = CreditUse(used: 300, reserved: 20, maximum: 320)
        snapshot.breaker = BreakerOutlook(probeIn: .seconds(30), reason: "5 of 8 answers were 503")
        return snapshot
    }

    private func sentence(_ snapshot: RunSnapshot) -> String? { Binding(snapshot)?.sentence }

    @Test("the most important limit is named first")
    func order() {
        var snapshot = blocked
        #expect(sentence(snapshot) == "submitting is switched off; to go on: meshmill start")
        snapshot.troubles.remove(.switchedOff)
        #expect(sentence(snapshot) == "waiting for the database: connection refused")
        snapshot.troubles.remove(.database("connection refused"))
        #expect(sentence(snapshot) == "waiting for the disk: no space left")
        snapshot.troubles = []
        let keys = "2 refused by the provider, 3 used up for this month, 1 paused, 1 org out of credits"
        #expect(sentence(snapshot) == "none of 6 keys can be used: \(keys)")
        snapshot.keys.usable = 1
        #expect(sentence(snapshot) == "--max-credits 320 is reached with 863 jobs waiting")
        snapshot.credits.maximum = nil
        #expect(sentence(snapshot) == "the provider has trouble (5 of 8 answers were 503); next probe in 00:30")
        snapshot.breaker = nil
        #expect(sentence(snapshot) == "next slot in 03:12")
        snapshot.counts.queued = 0
        #expect(sentence(snapshot) == "the provider works on 24 meshes")
        snapshot.counts.generating = 0
        snapshot.counts.downloading = 0
        #expect(sentence(snapshot) == nil)
        snapshot.isSubmitting = true
        #expect(sentence(snapshot) == "reading and preparing images")
    }

    @Test("what keeps POSTs back does not bind when none is to come")
    func nothingWaiting() {
        var snapshot = blocked
        snapshot.troubles = []
        snapshot.counts.queued = 0
        #expect(sentence(snapshot) == "the provider works on 24 meshes")
    }

    @Test("free slots and waiting jobs are about to meet")
    func free() {
        var snapshot = RunSnapshot.busy
        snapshot.slots.freeNow = 2
        #expect(sentence(snapshot) == "the provider works on 24 meshes")
    }

    @Test("without any key the cure is named")
    func noKeys() {
        var snapshot = RunSnapshot.busy
        snapshot.keys = KeyOutlook()
        #expect(sentence(snapshot) == "there are no keys; add some: meshmill keys import")
    }

    @Test("words from elsewhere cannot move the cursor")
    func hostile() throws {
        var snapshot = RunSnapshot.busy
        snapshot.breaker = BreakerOutlook(reason: "a\u{1B}[2J\nb\u{202E}")
        let text = try #require(sentence(snapshot))
        #expect(text == "the provider has trouble (a\\u{1b}[2J\\nb\\u{202e})")
    }
}
