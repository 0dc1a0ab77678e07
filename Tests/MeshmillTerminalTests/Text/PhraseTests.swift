import MeshmillTerminal
import Testing

@Suite("Numbers and times in words")
struct PhraseTests {
    @Test(
        "counts are grouped by thousands",
        arguments: [(0, "0"), (999, "999"), (1_204, "1,204"), (-12_000, "-12,000")]
    )
    func groups(number: Int, text: String) {
        #expect(Phrase.count(number) == text)
    }

    @Test("a noun is singular for one only", arguments: [(0, "0 meshes"), (1, "1 mesh"), (2_000, "2,000 meshes")])
    func nouns(number: Int, text: String) {
        #expect(Phrase.count(number, "mesh", "meshes") == text)
    }

    @Test(
        "a watch reaches 00:00 only when the time has come",
        arguments: [(0.0, "00:00"), (0.1, "00:01"), (192, "03:12"), (3_792, "1:03:12"), (-5, "00:00")]
    )
    func watch(seconds: Double, text: String) {
        #expect(Phrase.watch(.seconds(seconds)) == text)
    }

    @Test(
        "a forecast has two units at most",
        arguments: [
            (0, "under a minute"), (29, "under a minute"), (31, "1 min"), (3_570, "1 h"), (17_460, "4 h 51 min"),
            (86_400, "1 d"), (273_600, "3 d 4 h"),
        ]
    )
    func forecast(seconds: Int, text: String) {
        #expect(Phrase.roughly(.seconds(seconds)) == text)
    }

    @Test(
        "what was spent has seconds below an hour",
        arguments: [(0, "0 s"), (42, "42 s"), (60, "1 min"), (192, "3 min 12 s"), (7_200, "2 h")]
    )
    func spent(seconds: Int, text: String) {
        #expect(Phrase.spent(.seconds(seconds)) == text)
    }
}
