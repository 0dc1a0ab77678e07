import MeshmillStore

extension JobAction {
    /// What was done, after a number of jobs.
    var done: String {
        switch self {
        case .retry: "queued again"
        case .cancel: "cancelled"
        case .hold: "held"
        case .release: "released"
        }
    }

    /// The statuses of jobs that it applies to.
    var statuses: Set<String> {
        switch self {
        case .retry: ["failed", "cancelled"]
        case .cancel: ["scheduled", "queued", "submitting", "generating", "downloading", "held"]
        case .hold: ["scheduled", "queued"]
        case .release: ["held"]
        }
    }
}
