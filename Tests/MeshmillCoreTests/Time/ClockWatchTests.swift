import MeshmillCore
import Testing

@Suite("Watching another clock")
struct ClockWatchTests {
    /// The watch after one look at 100 s, which travelled 20 ms each way.
    private func watch() -> ClockWatch {
        var watch = ClockWatch()
        #expect(watch.look(read: .seconds(1_000), left: .milliseconds(99_980), came: .milliseconds(100_020)) == nil)
        return watch
    }

    @Test("a clock that runs with time, within what the travels explain, made no step", arguments: [-35, 0, 35])
    func steady(milliseconds: Int) {
        var watch = watch()
        let step = watch.look(
            read: .seconds(1_010) + .milliseconds(milliseconds),
            left: .milliseconds(109_980),
            came: .milliseconds(110_020)
        )
        #expect(step == nil)
    }

    @Test("a jump is told with its least and its greatest length, forward and back, and once")
    func steps() {
        var watch = watch()
        let forward = watch.look(read: .seconds(1_070), left: .milliseconds(109_980), came: .milliseconds(110_020))
        #expect(forward?.least == .milliseconds(59_960) && forward?.most == .milliseconds(60_040))
        #expect(watch.look(read: .seconds(1_080), left: .milliseconds(119_980), came: .milliseconds(120_020)) == nil)
        let back = watch.look(read: .seconds(1_030), left: .milliseconds(129_980), came: .milliseconds(130_020))
        #expect(back?.least == .milliseconds(-59_960) && back?.most == .milliseconds(-60_040))
    }

    @Test("a look that travelled for long hides what it cannot tell from a step")
    func slow() {
        var watch = watch()
        #expect(watch.look(read: .seconds(1_015), left: .milliseconds(105_000), came: .milliseconds(115_000)) == nil)
    }
}
