package import Foundation

/// Remembers, outside the database, how far its counter of looks had come: how a restore from a backup is noticed.
package protocol ServerMemory: Sendable {
    /// What was remembered of an installation; `nil` if nothing was, or it cannot be read.
    func writes(of installation: UUID) -> Int64?

    /// Remembers; a failure costs nothing but the notice.
    func remember(writes: Int64, of installation: UUID)
}

/// Remembers nothing beyond this process.
package struct NoServerMemory: ServerMemory {
    package init() {}
    package func writes(of installation: UUID) -> Int64? { nil }
    package func remember(writes: Int64, of installation: UUID) {}
}
