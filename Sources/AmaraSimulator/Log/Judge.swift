/// Draws up a ``SimulatorReport``, one record at a time.
///
/// It keeps about 100 bytes for each accepted generation, up to `capacity` of them.
package struct Judge: Sendable {
    /// The POSTs of one key that still lie within a window of its last one.
    private struct Trail: Sendable {
        var report: SimulatorReport.Key
        let window: Int64
        var recent: [Int64] = []

        mutating func count(at time: Int64) {
            recent.removeAll { time - $0 >= window }
            recent.append(time)
            report.mostInOneWindow = max(report.mostInOneWindow, recent.count)
        }
    }

    private let windows: [String: Int64]
    private let window: Int64
    private let capacity: Int
    private var report = SimulatorReport()
    private var trails: [String: Trail] = [:]
    private var seen: Set<String> = []
    /// When the completed generations end whose GLB was not delivered yet.
    private var awaited: [String: Int64] = [:]

    /// - Parameters:
    ///   - window: length of a key's window.
    ///   - windows: lengths for the keys, by name, that have another one.
    ///   - capacity: accepted generations to remember.
    package init(window: Duration, windows: [String: Duration] = [:], capacity: Int = 1_000_000) {
        self.window = window.inMicroseconds
        self.windows = windows.mapValues(\.inMicroseconds)
        self.capacity = capacity
    }

    /// Takes in the next record; records come in the order of their times.
    package mutating func observe(_ record: RequestRecord) {
        report.requests += 1
        if record.kind == .create { observePost(record) }
        if record.isDelivered == true, record.kind == .download || record.kind == .mesh {
            report.deliveries += 1
            if let id = record.generationID { awaited[id] = nil }
        }
    }

    /// The report as of an instant since the simulator's start.
    package func report(at now: Duration) -> SimulatorReport {
        var report = report
        let now = now.inMicroseconds
        report.neverDownloaded = awaited.values.count { $0 <= now }
        report.keys = trails.values.map(\.report).sorted { ($0.name.count, $0.name) < ($1.name.count, $1.name) }
        return report
    }

    private mutating func observePost(_ record: RequestRecord) {
        report.posts += 1
        let isAccepted = record.isAccepted == true
        if isAccepted { observeGeneration(record) }
        if record.status == 429 { report.rateLimited += 1 }
        guard let name = record.key else { return }
        var trail =
            trails.removeValue(forKey: name) ?? Trail(report: .init(name: name), window: windows[name] ?? window)
        trail.report.posts += 1
        if isAccepted { trail.report.accepted += 1 }
        if record.status == 429 { trail.report.rateLimited += 1 }
        if record.isCounted == true {
            trail.report.counted += 1
            trail.count(at: record.timeMicroseconds)
        }
        trails[name] = trail
    }

    private mutating func observeGeneration(_ record: RequestRecord) {
        report.accepted += 1
        guard seen.count < capacity else {
            report.isPartial = true
            return
        }
        if let fingerprint = record.fingerprint, !seen.insert(fingerprint).inserted { report.duplicates += 1 }
        if record.outcome == .completed, let id = record.generationID { awaited[id] = record.endsMicroseconds }
    }
}
