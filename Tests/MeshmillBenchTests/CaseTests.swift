import Foundation
import Logging
import MeshmillBench
import Testing

@Suite("Every case, very small", .serialized, .timeLimit(.minutes(3)))
struct CaseTests {
    /// The program that the package has just built, beside the tests.
    private static let program = URL(filePath: CommandLine.arguments[0])
        .deletingLastPathComponent().appending(path: "meshmill").path(percentEncoded: false)

    @Test("it measures, and every bar has a figure", arguments: BenchCase.allCases)
    func measures(what: BenchCase) async throws {
        var settings = BenchSettings(program: Self.program)
        settings.scale = .tiny
        let report = try await Workbench.with(settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        {
            try await what.run(on: $0)
        }
        #expect(report.name == what.rawValue)
        #expect(!report.results.isEmpty)
        for bar in report.bars { #expect(bar.value.isFinite, "\(bar.name)") }
    }
}
