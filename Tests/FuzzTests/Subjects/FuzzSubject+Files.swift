import Artifacts
import FoundationEssentials
import Glibc
import MeshmillCore

@testable import MeshmillSubmission
@testable import PostgresClient

extension FuzzSubject {
    private static let manifestWords = [
        "image", "custom_id", "prompt", "mode", "seed", "decimation_target", "texture_size", "priority", "out",
        "detailed",
        "\"image\":\"", "100000", ".png",
    ]

    /// A manifest with commas.
    static let manifestCSV = FuzzSubject(name: "manifest-csv", words: manifestWords) { try manifest($0, "csv") }

    /// A manifest of JSON lines.
    static let manifestJSONLines = FuzzSubject(name: "manifest-jsonl", words: manifestWords) {
        try manifest($0, "jsonl")
    }

    private static func manifest(_ input: [UInt8], _ ending: String) throws -> String {
        let path = "/tmp/meshmill-fuzz-\(UUID().uuidString).\(ending)"
        try Data(input).write(to: URL(filePath: path))
        defer { unlink(path) }
        let lines = input.count { $0 == UInt8(ascii: "\n") } + 1
        do {
            var reader = try ManifestReader(
                path: path,
                workingFolder: "/tmp",
                template: JobTemplate(parameters: .init())
            )
            var items = 0
            var kinds: Set<String> = []
            while let item = try reader.next() {
                items += 1
                try BrokenPromise.unless(items <= lines, "\(items) items on \(lines) lines")
                kinds.insert(try check(item))
            }
            return kinds.sorted().joined(separator: ", ")
        } catch let error as SubmissionError {
            try BrokenPromise.unlessShowable("\(error)", limit: 3_000)
            return kind(of: "\(error)")
        }
    }

    private static func check(_ item: ListedItem) throws -> String {
        switch item {
        case .ignored: throw BrokenPromise("a row is passed over in silence")
        case .refused(let refusal):
            try BrokenPromise.unlessShowable(refusal.description, limit: 3_000)
            return kind(of: refusal.problem)
        case .candidate(let candidate):
            try BrokenPromise.unless(candidate.source.hasPrefix("/"), "the source \(candidate.source.debugDescription)")
            try BrokenPromise.unless(!candidate.source.utf8.contains(0), "a source with NUL")
            let parts = candidate.output.glb.split(separator: "/", omittingEmptySubsequences: false)
            let isBelow = parts.allSatisfy { !["", ".", ".."].contains($0) && $0.utf8.count <= 255 }
            try BrokenPromise.unless(isBelow, "the output \(candidate.output.glb.debugDescription)")
            try BrokenPromise.unless(!candidate.output.glb.utf8.contains(0), "an output with NUL")
            try BrokenPromise.unless((candidate.template.customID ?? "").utf8.count <= 200, "a long custom id")
            return "candidate"
        }
    }

    /// A key file.
    static let keyFile = FuzzSubject(
        name: "key-file",
        words: ["secret", "name", "org", "pool", "monthly_limit", "rate_limit", "rate_window", "used_recently", "15m"]
    ) { input in
        do {
            let rows = try KeyFile.parse(String(decoding: input, as: UTF8.self))
            try BrokenPromise.unless(!rows.isEmpty, "no key and no error")
            for row in rows {
                try BrokenPromise.unless(KeyLimits.isSecret(row.secret.exposed), "a secret that is none")
                try BrokenPromise.unless(
                    !"\(row)".contains(row.secret.exposed) || row.secret.exposed.count < 12,
                    "shown"
                )
            }
            let again = try KeyFile.parse(csv(rows))
            let isSame = again.map(\.withoutLine) == rows.map(\.withoutLine)
            try BrokenPromise.unless(isSame, "what was read, written and read, is another")
            return "\(min(rows.count, 3)) keys, \(rows.contains { $0.rateWindow != nil })"
        } catch let error as KeyFileError {
            try BrokenPromise.unlessShowable(error.description, limit: 1_500)
            return kind(of: error.problems.first?.problem ?? "")
        }
    }

    private static func csv(_ rows: [KeyFileRow]) -> String {
        func quoted(_ text: String?) -> String { "\"\((text ?? "").replacing("\"", with: "\"\""))\"" }
        let lines = rows.map { row in
            [
                row.secret.exposed, row.name, row.org, row.pool, row.monthlyLimit.map(String.init),
                row.rateLimit.map(String.init), row.rateWindow.map { "\($0 / .seconds(1))s" },
                row.reserveSlots.map(String.init), "\(row.usedRecently)",
            ].map(quoted).joined(separator: ",")
        }
        let header = "secret,name,org,pool,monthly_limit,rate_limit,rate_window,reserve_slots,used_recently"
        return ([header] + lines).joined(separator: "\n")
    }

    /// A length of time, as in settings.
    static let duration = FuzzSubject(name: "duration", words: ["d", "h", "m", "s", "ms", "."]) { input in
        guard let duration = DurationText.parse(String(decoding: input, as: UTF8.self)) else { return "none" }
        try BrokenPromise.unless((.zero...DurationText.longest).contains(duration), "out of range: \(duration)")
        let text = DurationText.format(duration)
        guard let again = DurationText.parse(text) else { throw BrokenPromise("\(text) cannot be read") }
        try BrokenPromise.unless(DurationText.format(again) == text, "\(text) is read as another")
        try BrokenPromise.unless(duration - again < .milliseconds(1), "\(text) is not \(duration)")
        return "\(text.count { $0.isLetter }) units"
    }

    /// A database's connection string.
    static let connectionString = FuzzSubject(
        name: "connection-string",
        words: ["postgresql://", "host=", "password='", "sslmode=", "%20", "user:pass@", "?options=", "dbname"]
    ) { input in
        // C's strings end at NUL, and so does the environment.
        let text = String(decoding: input.prefix { $0 != 0 }, as: UTF8.self)
        do {
            let string = try ConnectionString(text)
            let shown = try ConnectionString(string.redacted).given.keys
            try BrokenPromise.unless(!shown.contains { $0.contains("password") }, "a password is shown")
            let conninfo = string.conninfo(database: "other")
            let again = try ConnectionString(conninfo).conninfo(database: "other")
            try BrokenPromise.unless(again == conninfo, "what was read, written and read, is another")
            return "read \(conninfo.count { $0 == "=" })"
        } catch let error as PostgresError {
            try BrokenPromise.unlessShowable("\(error)")
            return kind(of: "\(error)")
        }
    }
}

extension KeyFileRow {
    /// The row without where it stood.
    fileprivate var withoutLine: KeyFileRow {
        var row = self
        row.line = 0
        return row
    }
}
