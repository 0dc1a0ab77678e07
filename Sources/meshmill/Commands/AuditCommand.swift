import ArgumentParser
import Media
import MeshmillCore
import MeshmillStore
import PostgresClient

/// `meshmill audit`: what must always hold, checked on the live database.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check what must always hold, and print the rows that offend it.",
        discussion: "Exit status 2 if anything does. It reads whole tables, and changes nothing."
    )

    @Flag(help: "Write a JSON object.")
    var json = false

    @Flag(help: "Read every GLB on disk too, and compare its hash.")
    var files = false

    @Option(help: "Most offending rows that are listed for a check.")
    var rows = 100

    func validate() throws {
        guard (0...100_000).contains(rows) else { throw ValidationError("--rows is 0 to 100000") }
    }

    func run() async throws {
        let (json, files, rows) = (json, files, rows)
        let isClean = try await Installation.with { installation in
            var checks = try await installation.client.query(RunAudit(rows: rows), timeout: .seconds(3_600)).map(
                AuditCheck.init
            )
            if files { checks.append(try await AuditCheck.ofFiles(installation.client, rows: rows)) }
            let isClean = checks.allSatisfy { $0.violations == 0 }
            if json {
                let fields = [("ok", JSONValue.bool(isClean)), ("checks", .array(checks.map { .object($0.fields) }))]
                try Output.line(JSONValue.object(fields).text)
            } else {
                for check in checks { try check.write() }
            }
            return isClean
        }
        guard isClean else { throw Exit.violation }
    }
}

/// How one check came out.
private struct AuditCheck {
    let name: String
    let holds: String
    var violations: Int64
    /// The first offending rows.
    var findings: JSONValue

    init(_ row: RunAudit.Row) {
        name = row.name
        holds = row.holds
        violations = row.violations
        findings = .json(row.findings)
    }

    private init(name: String, holds: String) {
        self.name = name
        self.holds = holds
        violations = 0
        findings = .array([])
    }

    var fields: [(String, JSONValue)] {
        [
            ("name", .string(name)), ("ok", .bool(violations == 0)), ("violations", .int(violations)),
            ("rows", findings), ("holds", .string(holds)),
        ]
    }

    func write() throws {
        try Output.line("\(violations == 0 ? "ok       " : "VIOLATED ") \(name): \(holds)")
        guard violations > 0 else { return }
        try Output.line(
            "          \(violations) \(violations == 1 ? "row offends" : "rows offend") it: \(findings.text)"
        )
    }

    /// Reads every GLB that the database says is there.
    static func ofFiles(_ client: PostgresClient, rows: Int) async throws -> AuditCheck {
        var check = AuditCheck(
            name: "meshes_on_disk",
            holds: "every published GLB lies at its output, whole, with the recorded hash and length"
        )
        var offending: [JSONValue] = []
        var page = ListPublishedMeshes()
        while true {
            let meshes = try await client.query(page)
            for mesh in meshes {
                try Task.checkCancellation()
                let path = mesh.folder + "/" + mesh.output
                guard let problem = await problem(of: mesh, at: path) else { continue }
                check.violations += 1
                guard offending.count < rows else { continue }
                offending.append(
                    .object([("job_id", .int(mesh.jobID)), ("path", .string(path)), ("problem", .string(problem))])
                )
            }
            guard let last = meshes.last, meshes.count == page.limit else { break }
            page.afterJob = last.jobID
            page.afterOutput = last.output
        }
        check.findings = .array(offending)
        return check
    }

    /// What is wrong with a GLB on disk; nil if it is as recorded.
    private static func problem(of mesh: ListPublishedMeshes.Row, at path: String) async -> String? {
        do {
            let found = try await GLB.verify(path: path)
            guard found.bytes == mesh.bytes else { return "\(found.bytes) bytes instead of \(mesh.bytes)" }
            return Array(found.sha256) == mesh.sha256 ? nil : "another file: its hash is not the recorded one"
        } catch {
            return "\(error)"
        }
    }
}
