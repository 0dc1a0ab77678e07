import Testing

@testable import MeshmillWorker

@Suite("What a worker knows of itself")
struct WorkerActivityTests {
    @Test("FAULTS 27, LESSON 13: a full disk stops submission until a file is written, and is told once")
    func storageTrouble() {
        let activity = WorkerActivity()
        #expect(activity.note(storageTrouble: "no space left on device"))
        #expect(!activity.note(storageTrouble: "no space left on device"))
        #expect(activity.storageTrouble == "no space left on device")
        #expect(activity.note(storageTrouble: nil))
        #expect(activity.storageTrouble == nil)
    }

    @Test("one missing input after another is the store's fault, again and again, and a few are not")
    func missingInputs() {
        let activity = WorkerActivity()
        let told = (1...8).map { _ in activity.noteMissingInput(most: 3) }
        #expect(told == [false, false, false, true, false, false, false, true])
        _ = activity.noteMissingInput(most: 3)
        activity.noteInputRead()
        #expect((1...3).allSatisfy { _ in !activity.noteMissingInput(most: 3) })
    }

    @Test("a full disk that nobody has met again does not stop submission for ever")
    func storageTroubleLapses() {
        // The download that met it was adopted by another worker meanwhile, so nobody here will say that it is over.
        let activity = WorkerActivity(troubleLasts: .zero)
        _ = activity.note(storageTrouble: "no space left on device")
        #expect(activity.storageTrouble == nil)
    }

    @Test("a worker is idle when its last attempt ends, and not before", .timeLimit(.minutes(1)))
    func idle() async {
        let activity = WorkerActivity()
        activity.begin(1)
        activity.begin(2)
        activity.end(1)
        let early = ContinuousClock.now
        await activity.idle.sleep(atMost: .milliseconds(20))
        #expect(early.duration(to: .now) >= .milliseconds(20))
        activity.end(2)
        await activity.idle.sleep(atMost: .seconds(3_600))
    }
}
