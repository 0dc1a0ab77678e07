/// What stops a run until it goes away; the message names the cause.
package enum RunTrouble: Sendable, Hashable {
    /// Somebody said `meshmill stop`.
    case switchedOff
    /// The database cannot be reached.
    case database(String)
    /// The output folder cannot take files.
    case storage(String)

    /// The most important one has the lowest.
    var rank: Int {
        switch self {
        case .switchedOff: 0
        case .database: 1
        case .storage: 2
        }
    }
}
