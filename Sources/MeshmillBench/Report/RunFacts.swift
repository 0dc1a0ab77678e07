/// What all figures of one run have in common: what was measured, on what, and in which sizes.
package struct RunFacts: Sendable {
    var machine: MachineFacts
    /// The program's name and version.
    var program: String
    /// The commit of the working tree that it lies in, and whether that has changes; `nil` if that is not known.
    var commit: String?
    /// ``BenchSettings/sizes``.
    var sizes: String
    /// Whether the server was made for this run; else the environment named one.
    var isServerOurs: Bool
    /// As the server itself shows them.
    var serverSettings: String

    /// What was run, in a few words.
    var run: String {
        let commit = commit.map { ", commit \($0)" } ?? ""
        return program + commit + ", " + sizes
    }

    /// Where it was run, in some sentences.
    var place: String {
        let sharers = isServerOurs ? "PostgreSQL, the workers" : "The workers"
        let server = isServerOurs ? "one that Meshmill made for this run" : "the one that the environment names"
        return "Machine: \(machine.sentence). \(sharers), the simulated provider and whatever measures share its "
            + "processors. The server is \(server): \(serverSettings)."
    }
}
