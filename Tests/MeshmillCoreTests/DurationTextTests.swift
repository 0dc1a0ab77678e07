import MeshmillCore
import Testing

@Suite("Lengths of time")
struct DurationTextTests {
    @Test(
        "are read as people type them",
        arguments: [
            ("900", Duration.seconds(900)), ("15m", .seconds(900)), ("6s", .seconds(6)), ("1h30m", .seconds(5_400)),
            ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1_500)), ("2d", .seconds(172_800)), ("0", .zero),
            ("1m30.5s", .milliseconds(90_500)), ("0.02", .milliseconds(20)),
        ]
    )
    func areRead(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(
        "are not guessed from anything else",
        arguments: ["", "m", "-1", "1e3", "nan", "inf", "5 m", "15M", "1.2.3", "٥s", "99999999999999d", "s5", "5x"]
    )
    func areNotGuessed(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("come back as they were written", arguments: [0, 1, 20, 999, 1_000, 59_999, 60_000, 900_000, 90_061_001])
    func comeBack(milliseconds: Int) {
        let duration = Duration.milliseconds(milliseconds)
        #expect(DurationText.parse(DurationText.format(duration)) == duration)
    }

    @Test("are written shortly")
    func areWrittenShortly() {
        #expect(DurationText.format(.seconds(900)) == "15m")
        #expect(DurationText.format(.milliseconds(90_500)) == "1m30.5s")
        #expect(DurationText.format(.zero) == "0s")
        #expect(DurationText.format(.seconds(-60)) == "-1m")
    }
}
