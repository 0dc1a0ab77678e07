import MeshmillCore
import MeshmillStore
import MeshmillWorker

/// The times of workers that may be set: by the environment of a process, else for all in the database.
///
/// - `lease`, `MESHMILL_LEASE` (default 30s, at least 2s): how long a worker owns its jobs after its last heartbeat.
/// - `request_deadline`, `MESHMILL_REQUEST_DEADLINE` (default 60s, at least 1s): how long after the claim a POST may take.
/// - `grace`, `MESHMILL_GRACE` (default 60s): how long after its deadline a request may still be counted.
enum WorkerTimes {
    /// Reads the times into settings.
    ///
    /// - Throws: ``Failure`` with exit 78, naming the variable or setting, for a time that cannot be used.
    static func read(
        _ variables: [String: String],
        _ stored: [String: String],
        into settings: inout WorkerSettings
    ) throws {
        func time(_ name: String, atLeast least: Duration) throws -> Duration? {
            let variable = "MESHMILL_" + name.uppercased()
            let (place, text) = variables[variable].map { (variable, $0) } ?? ("setting \(name)", stored[name] ?? "")
            guard !text.isEmpty else { return nil }
            guard let time = DurationText.parse(text), time >= least else {
                throw Failure(
                    .configuration,
                    "\(place): \(text) is not a time of at least \(DurationText.format(least))"
                )
            }
            return time
        }
        settings.lease = try time("lease", atLeast: .seconds(2)) ?? settings.lease
        settings.requestDeadline = try time("request_deadline", atLeast: .seconds(1)) ?? settings.requestDeadline
        settings.grace = try time("grace", atLeast: .zero) ?? settings.grace
    }
}
