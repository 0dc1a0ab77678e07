package import Artifacts
import MeshmillStore
package import PostgresClient

/// Brings files to the outputs of completed jobs that lack theirs.
///
/// An equal image that is submitted after its job was completed becomes one more output of that job. Nothing is
/// generated for it: it gets a link to the GLB that is there, or a copy where links are not possible. `submit` and `run`
/// do so at their end; doing it twice does no harm.
package struct MissingLinks: Sendable {
    /// What became of the outputs.
    package struct Report: Sendable, Hashable {
        /// Problems that are kept; beyond that they are only counted.
        package static let maximumListed = 100

        /// Outputs that have their file now.
        package internal(set) var linked = 0
        /// Outputs that still lack it.
        package internal(set) var problemCount = 0
        /// The first ``maximumListed``, one line each.
        package internal(set) var problems: [String] = []

        /// Nothing was to be linked.
        package init() {}

        mutating func add(_ problem: String) {
            problemCount += 1
            if problems.count < Self.maximumListed { problems.append(problem) }
        }
    }

    private let client: PostgresClient
    private let batchID: Int64
    private let folder: OutputFolder

    /// Names a batch and its output folder.
    package init(_ client: PostgresClient, batchID: Int64, folder: OutputFolder) {
        self.client = client
        self.batchID = batchID
        self.folder = folder
    }

    /// Links every output that lacks its file, and records that it has it.
    ///
    /// - Returns: how many were linked, and what stood in the way of others.
    /// - Throws: `PostgresError`; `CancellationError`; `ArtifactError` if the folder as a whole cannot be used.
    package func link() async throws -> Report {
        var report = Report()
        var page = FindMissingLinks(batchID: batchID)
        while true {
            let rows = try await client.query(page)
            for row in rows { try await link(row, &report) }
            guard rows.count == page.limit, let last = rows.last else { return report }
            page.afterJob = last.jobID
            page.afterOutput = last.output
        }
    }

    private func link(_ row: FindMissingLinks.Row, _ report: inout Report) async throws {
        guard let published = row.published else {
            report.add("\(Printable.name(row.output)): its job \(row.jobID) is completed, but no output has its GLB")
            return
        }
        if let problem = try await problem(linking: published, to: row) { return report.add(problem) }
        try await client.execute(MarkPublished(batchID: batchID, jobID: row.jobID, output: row.output))
        report.linked += 1
    }
    /// Makes the link; returns what stands in its way, or throws what stands in the way of all.
    private func problem(linking published: String, to row: FindMissingLinks.Row) async throws -> String? {
        do {
            try await folder.linkOrCopy(from: published, to: row.output)
            return nil
        } catch {
            switch error.kind {
            case .exists:
                // Left by a run that died before it could say so, or somebody else's.
                let present = try await folder.existing(relative: row.output)
                return present?.sha256 == row.sha256 ? nil : "\(error)"
            case .cancelled: throw CancellationError()
            default:
                if error.isStoreUnavailable { throw error }
                return "\(error)"
            }
        }
    }
}
