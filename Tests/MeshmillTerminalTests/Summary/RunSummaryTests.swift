import MeshmillTerminal
import Testing

@Suite("The end of a run")
struct RunSummaryTests {
    private func summary(_ ending: RunSummary.Ending) -> RunSummary {
        let command = ["meshmill", "run", "my photos/", "--out", "meshes/"]
        var summary = RunSummary(batchID: 42, out: "meshes/", ending: ending, command: command)
        summary.elapsed = .seconds(192)
        return summary
    }

    private func text(_ summary: RunSummary, width: Int) -> String {
        summary.lines(width: width, style: .plain).joined(separator: "\n")
    }

    @Test("all made")
    func all() {
        var summary = summary(.finished)
        summary.made = 1_204
        summary.alreadyThere = 3
        summary.creditsSpent = 1_204
        let expected = """
            Made 1,204 meshes in 3 min 12 s
              3 already there   1,204 credits spent
              meshes in meshes/
            """
        #expect(text(summary, width: 80) == expected)
    }

    @Test("some failed")
    func failed() {
        var summary = summary(.finished)
        summary.made = 1
        summary.failed = 2
        summary.held = 1
        summary.refused = 1
        summary.creditsSpent = 1
        let expected = """
            Made 1 mesh in 3 min 12 s
              2 failed   1 held   1 input refused   1 credit spent
              meshes in meshes/
              see why they failed: meshmill jobs list --batch 42 --status failed
              try them again: meshmill batches retry 42
              see what is held: meshmill jobs list --batch 42 --status held
            """
        #expect(text(summary, width: 80) == expected)
    }

    @Test("interrupted")
    func interrupted() {
        var summary = summary(.interrupted)
        summary.made = 10
        summary.left = 90
        summary.creditsSpent = 12
        let expected = """
            Interrupted after 3 min 12 s: made 10 meshes
              90 left to do   12 credits spent
              meshes in meshes/
              run the same command again to go on: meshmill run 'my photos/' --out meshes/
            """
        #expect(text(summary, width: 100) == expected)
        #expect(summary.lines(width: 40, style: .plain).contains("    meshmill run 'my photos/' --out meshes/"))
    }

    @Test("stopped")
    func stopped() {
        var summary = summary(.stopped("the month of every key is used up"))
        summary.left = 90
        let expected = """
            Stopped: the month of every key is used up; made 0 meshes in 3 min 12 s
              90 left to do   0 credits spent
              run the same command again to go on: meshmill run 'my photos/' --out meshes/
            """
        #expect(text(summary, width: 100) == expected)
    }

    @Test("nothing to do")
    func nothing() {
        var summary = summary(.finished)
        summary.batchID = nil
        summary.alreadyThere = 5
        let expected = """
            Nothing to do: every mesh is already there
              5 already there   0 credits spent
              meshes in meshes/
            """
        #expect(text(summary, width: 80) == expected)
    }

    @Test("nothing to do where outputs are taken, meshes are gone, or there is no image, is no good news")
    func nothingDone() {
        var summary = summary(.finished)
        summary.alreadyThere = 5
        summary.missing = 2
        #expect(text(summary, width: 200).hasPrefix("Nothing to do: every mesh was made, but 2 meshes of 5 are gone\n"))
        #expect(text(summary, width: 200).contains("meshmill audit --files"))
        summary.conflicts = 5
        #expect(text(summary, width: 200).hasPrefix("Nothing was done: see the outputs that are taken\n"))
        var empty = self.summary(.finished)
        empty.ignored = 9
        #expect(text(empty, width: 200).hasPrefix("Nothing to do: no images found (9 files of other kinds)\n"))
    }

    @Test("stopped by its cap")
    func capped() {
        var summary = summary(.capped("--max-credits 3 is used up"))
        summary.command = ["meshmill", "run", "photos/", "--max-credits", "3", "--out", "meshes/"]
        #expect(text(summary, width: 200).contains("meshmill run photos/ --out meshes/ --max-credits MORE"))
    }
}
