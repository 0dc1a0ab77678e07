import Foundation
import PostgresClient

extension Workbench {
    /// What all figures of a run on this bench have in common; asked for before it, since a working tree may change.
    ///
    /// - Parameter program: the program's name and version.
    /// - Returns: the facts.
    /// - Throws: `PostgresError`.
    package func facts(program: String) async throws -> RunFacts {
        let rows = try await sql(
            """
            SELECT string_agg(s.name || ' ' || current_setting(s.name), ', ' ORDER BY s.number)
            FROM unnest(ARRAY['server_version', 'fsync', 'synchronous_commit', 'checkpoint_timeout', 'max_wal_size'])
                WITH ORDINALITY AS s (name, number)
            """,
            on: server.conninfo(database: "postgres")
        )
        return RunFacts(
            machine: .read(),
            program: program,
            commit: await commit(),
            sizes: settings.sizes,
            isServerOurs: settings.databaseURL == nil,
            serverSettings: rows.first?.first.flatMap { $0 } ?? "settings unknown"
        )
    }

    /// The commit of the working tree that the program lies in; `nil` outside of one, or without git.
    private func commit() async -> String? {
        // Pages do not count: the one that this run writes is among them.
        let code = [":/", ":(top,exclude)docs", ":(top,exclude)*.md"]
        guard let name = await git(["rev-parse", "--short", "HEAD"]),
            let changes = await git(["status", "--porcelain", "--"] + code)
        else { return nil }
        return changes.isEmpty ? name : name + " with changes"
    }

    /// What git answers; `nil` if it fails.
    private func git(_ arguments: [String]) async -> String? {
        guard let git = Program.find("git") else { return nil }
        let folder = URL(filePath: settings.program).deletingLastPathComponent().path(percentEncoded: false)
        let answer = try? await ChildProcess.run(
            git,
            // Without locks, since somebody may be at work there.
            ["--no-optional-locks", "-C", folder] + arguments,
            // Where git looks for folders of others that may be trusted.
            environment: ["HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/"],
            in: self
        )
        return answer?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
