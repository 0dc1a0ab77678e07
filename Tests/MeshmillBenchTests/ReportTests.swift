import Testing

@testable import MeshmillBench

@Suite("Reports")
struct ReportTests {
    @Test(
        "numbers are written for people",
        arguments: [
            (BenchValue.number(0.15), "0.150"), (.number(0.9951), "0.995"), (.number(0.001_234), "0.00123"),
            (.number(1.5), "1.50"), (.number(12.34), "12.3"), (.number(1_234.5), "1,235"), (.number(1e-9), "0.000000"),
            (.number(0), "0.00"), (.number(0.0123), "0.0123"), (.number(-2.5), "-2.50"), (.number(.nan), "-"),
            (.whole(1_000_000), "1,000,000"), (.whole(-1_000), "-1,000"), (.whole(999), "999"), (.text("a"), "a"),
        ]
    )
    func numbers(value: BenchValue, text: String) {
        #expect(value.shown == text)
    }

    @Test("a figure is held against its bar in its own direction")
    func bars() {
        #expect(BenchBar("r", 0.2, .atLeast, must: 0.15, goal: 0.4).verdict == "ok")
        #expect(BenchBar("r", 0.5, .atLeast, must: 0.15, goal: 0.4).verdict == "goal")
        #expect(BenchBar("r", 0.1, .atLeast, must: 0.15, goal: 0.4).verdict == "missed")
        #expect(BenchBar("r", 2, .atMost, must: 3).verdict == "ok")
        #expect(BenchBar("r", 4, .atMost, must: 3).verdict == "missed")
        #expect(BenchBar("r", .nan, .atMost, must: 3).verdict == "-")
    }

    @Test("a figure is shown on the side of its bars on which it is")
    func sides() {
        func seen(_ value: Double, _ direction: BenchBar.Direction, must: Double, goal: Double? = nil) -> String? {
            BenchBar("r", value, direction, must: must, goal: goal).row["seen"]?.shown
        }
        #expect(seen(0.98996, .atLeast, must: 0.99) == "0.98996")
        #expect(seen(0.99004, .atLeast, must: 0.99) == "0.990")
        #expect(seen(0.9949, .atLeast, must: 0.99, goal: 0.995) == "0.9949")
        #expect(seen(1_000.4, .atMost, must: 1_000) == "1,000.4")
        #expect(seen(25, .atMost, must: 25) == "25.0")
        #expect(seen(.nan, .atMost, must: 25) == "-")
    }

    @Test("the sizes of a run are named with what was chosen by hand")
    func sizes() {
        var settings = BenchSettings(program: "meshmill")
        #expect(settings.sizes == "full sizes")
        settings.scale = .quick
        settings.jobs = 5_000
        settings.workers = 8
        #expect(settings.sizes == "quick sizes but 5,000 jobs, 8 workers")
    }

    @Test("quantiles are values that were measured")
    func quantiles() {
        let found = Quantiles((1...100).map(Double.init).shuffled())
        #expect(found.p50 == 50)
        #expect(found.p99 == 99)
        #expect(found.worst == 100)
        #expect(Quantiles([7]).p99 == 7)
        #expect(Quantiles([]).p50.isNaN)
    }

    @Test("a report is a section with its tables, columns in order even where rows differ")
    func markdown() {
        let report = BenchReport(
            name: "case",
            summary: "What was done.",
            settings: BenchRow(("jobs", .whole(10))),
            results: [BenchRow(("a", .whole(1))), BenchRow(("b", .text("x")))],
            bars: [BenchBar("ratio", 1, .atLeast, must: 0.5)]
        )
        let text = report.markdown
        #expect(text.hasPrefix("## case\n\nWhat was done.\n\nSettings: jobs 10."))
        #expect(text.contains("| a | b |\n|---|---|\n| 1 |  |\n|  | x |"))
        #expect(text.contains("| ratio | 1.00 | ≥ 0.500 |  | ok |"))
        var facts = RunFacts(
            machine: .read(),
            program: "meshmill 0",
            commit: "1a2b3c4 with changes",
            sizes: "tiny sizes",
            isServerOurs: false,
            serverSettings: "fsync off"
        )
        let page = BenchReport.page([report], facts: facts)
        #expect(page.contains("| case | ratio |"))
        #expect(page.contains("Written by `meshmill bench` (meshmill 0, commit 1a2b3c4 with changes, tiny sizes)"))
        #expect(page.contains("The server is the one that the environment names: fsync off."))
        facts.commit = nil
        #expect(BenchReport.page([report], facts: facts).contains("(meshmill 0, tiny sizes)"))
    }
}
