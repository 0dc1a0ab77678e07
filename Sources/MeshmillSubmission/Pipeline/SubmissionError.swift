/// Why a submission as a whole stopped.
package enum SubmissionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Sources that would write the same file; found before anything was queued. Exit 64.
    case collisions(OutputCollisions)
    /// The manifest as a whole cannot be used: its header, its encoding, its ending. Exit 64.
    case manifest(String)
    /// The manifest, a working directory or the like cannot be read. Exit 74.
    case unreadable(String)
    /// The artifact store refused to store for longer than submission waits. Exit 74.
    case storage(String)

    /// One line that names the thing, the cause and the cure; collisions are listed on further lines.
    package var description: String {
        switch self {
        case .collisions(let collisions): collisions.description
        case .manifest(let problem), .unreadable(let problem), .storage(let problem): problem
        }
    }
}
