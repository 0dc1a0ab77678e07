/// How a run ended, and what to do next.
package struct RunSummary: Sendable, Equatable {
    /// Why it ended.
    package enum Ending: Sendable, Hashable {
        /// Nothing is left to do.
        case finished
        /// Ctrl-C or a signal; the same command goes on.
        case interrupted
        /// It gave up waiting, with the reason on one line; the same command goes on.
        case stopped(String)
        /// Its batch may spend no more, with the reason on one line; with a higher cap it goes on.
        case capped(String)
    }

    /// `nil` when there was no batch, since nothing was to be made.
    package var batchID: Int64?
    /// The output folder as typed.
    package var out: String
    package var ending: Ending
    /// Meshes made by this run.
    package var made = 0
    /// Meshes that an earlier run had made.
    package var alreadyThere = 0
    package var failed = 0
    package var held = 0
    package var cancelled = 0
    /// Jobs that still wait or run.
    package var left = 0
    /// Inputs that became no job.
    package var refused = 0
    /// Meshes that an earlier run had made and that are in the folder no more.
    package var missing = 0
    /// Files in the folders that are no images by their names.
    package var ignored = 0
    /// Inputs whose output belongs to another image.
    package var conflicts = 0
    package var creditsSpent = 0
    package var elapsed: Duration = .zero
    /// The words of the command line, to say how to go on.
    package var command: [String]

    package init(batchID: Int64?, out: String, ending: Ending, command: [String]) {
        self.batchID = batchID
        self.out = out
        self.ending = ending
        self.command = command
    }
}
