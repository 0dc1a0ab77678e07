import Glibc
import Synchronization

/// Where, and the how manieth time, this process is to die.
package final class CrashPlan: Sendable {
    /// The variable that holds the plan.
    package static let variable = "MESHMILL_CRASH_AT"

    /// What this process was told at its start; `nil` for nothing, or for what cannot be read.
    static let ofProcess = getenv(variable).flatMap { CrashPlan(String(cString: $0)) }

    package let point: CrashPoint
    /// From 1.
    package let visit: Int
    private let visits = Atomic(0)

    /// Reads `NAME` or `NAME:VISIT`; `nil` if there is no such point, or the number is not from 1.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let point = parts.first.flatMap({ CrashPoint(rawValue: String($0)) }),
            let visit = parts.count < 2 ? 1 : Int(parts[1]), visit >= 1
        else { return nil }
        self.point = point
        self.visit = visit
    }

    func reached(_ point: CrashPoint) {
        guard point == self.point, visits.add(1, ordering: .relaxed).newValue == visit else { return }
        // No handler can run and no buffer is flushed: as sudden as a death can be.
        kill(getpid(), SIGKILL)
    }
}
