/// What can be measured, in the order in which it is.
package enum BenchCase: String, Sendable, CaseIterable {
    /// First, since memory that the others leave to this process's heap would hide what it takes.
    case intake
    case claim, flat, snapshot, views, images, inflight, latency, utilisation, folder

    /// One line for the command's help.
    package var summary: String {
        switch self {
        case .intake: "submission of jobs, beside raw COPY"
        case .claim: "claim and settle of the worker's own loop, beside a bare queue under pgbench"
        case .flat: "one claim's time by backlog: waiting, blocked, finished"
        case .snapshot: "claim and settle while a snapshot is held, beside a bare queue"
        case .views: "each view for operators over months of work"
        case .images: "preparation of photos, beside vipsthumbnail"
        case .inflight: "one process that polls thousands of generations: memory, processor, lateness"
        case .latency: "submit to POST beside raw LISTEN, slot free to POST, worker killed to polled again"
        case .utilisation: "share of the permitted POSTs that was sent, by keys and workers"
        case .folder: "a folder of images as a user runs it: makespan, with a kill, with keys that run dry"
        }
    }

    /// Measures it.
    package func run(on bench: Workbench) async throws -> BenchReport {
        switch self {
        case .intake: try await IntakeCase(bench: bench).run()
        case .claim: try await ClaimCase(bench: bench).run()
        case .flat: try await FlatCase(bench: bench).run()
        case .snapshot: try await SnapshotCase(bench: bench).run()
        case .views: try await ViewsCase(bench: bench).run()
        case .images: try await ImagesCase(bench: bench).run()
        case .inflight: try await InflightCase(bench: bench).run()
        case .latency: try await LatencyCase(bench: bench).run()
        case .utilisation: try await UtilisationCase(bench: bench).run()
        case .folder: try await FolderCase(bench: bench).run()
        }
    }
}
