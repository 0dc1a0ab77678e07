import MeshmillBench
import Testing

@Suite("Reports")
struct ReportTests {
    @Test(
        "numbers are written for people",
        arguments: [
            (BenchValue.number(0.15), "0.15"), (.number(1.5), "1.50"), (.number(12.34), "12.3"),
            (.number(1_234.5), "1,235"),
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
        #expect(text.contains("| ratio | 1.00 | ≥ 0.50 |  | ok |"))
        let page = BenchReport.page([report], on: .read(), program: "meshmill 0", scale: "tiny")
        #expect(page.contains("| case | ratio |"))
    }
}
