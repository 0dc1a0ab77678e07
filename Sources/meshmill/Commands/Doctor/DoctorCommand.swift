import ArgumentParser
import MeshmillTerminal

/// `meshmill doctor`: what is wrong with this installation, and how to cure it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with this installation; each finding comes with its cure.",
        discussion: "Changes nothing and spends nothing. Exit 0: no problem; 1: there is one. Warnings are no problems."
    )

    @Flag(help: "Write a JSON object: {ok, findings: [{name, level, text, cure}]}.")
    var json = false

    func run() async throws {
        let json = json
        let isWell = try await Installation.with(checksSchema: false) { installation in
            let findings = try await Doctor(installation).findings()
            let isWell = !findings.contains { $0.level == .problem }
            if json {
                let list = JSONValue.array(findings.map { .object($0.fields) })
                try Output.line(JSONValue.object([("ok", .bool(isWell)), ("findings", list)]).text)
            } else {
                for finding in findings {
                    let mark =
                        switch finding.level {
                        case .ok: "ok      "
                        case .warning: "warning "
                        case .problem: "PROBLEM "
                        }
                    try Output.line(mark + OneLine.text("\(finding.name): \(finding.text)"))
                    if let cure = finding.cure { try Output.line("        → " + OneLine.text(cure)) }
                }
            }
            return isWell
        }
        guard isWell else { throw Exit.jobsFailed }
    }
}
