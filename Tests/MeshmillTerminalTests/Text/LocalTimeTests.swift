import MeshmillTerminal
import Testing

@Suite("Times of day")
struct LocalTimeTests {
    @Test(
        "a time of day is told for today and tomorrow",
        arguments: [(0, "22:00"), (3_600, "23:00"), (10_800, "tomorrow 01:00"), (90_000, "tomorrow 23:00")]
    )
    func told(seconds: Int, text: String) {
        #expect(LocalTime(secondOfDay: 79_200).reading(after: .seconds(seconds)) == text)
    }

    @Test("later than tomorrow it says nothing", arguments: [100_000, 172_800, 1_000_000_000])
    func later(seconds: Int) {
        #expect(LocalTime(secondOfDay: 79_200).reading(after: .seconds(seconds)) == nil)
    }

    @Test("now is within a day")
    func now() {
        #expect((0...86_400).contains(LocalTime.now().secondOfDay))
    }
}
