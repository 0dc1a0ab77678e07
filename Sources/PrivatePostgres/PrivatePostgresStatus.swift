/// What is known about a private cluster without changing anything.
package struct PrivatePostgresStatus: Sendable, Equatable {
    /// The cluster's data folder, made or not.
    package var dataFolder: String
    /// The folder of the server's socket.
    package var socketFolder: String
    /// The file the server logs to.
    package var logFile: String
    /// The major version of the data; nil if no cluster was made yet.
    package var version: Int?
    /// The process id of a server that answers; nil if none does.
    package var processID: Int32?
    /// Whether a server of the data's version is installed, or any server if there is no data yet.
    package var hasBinaries: Bool

    /// Whether the cluster was made.
    package var exists: Bool { version != nil }
    /// Whether its server answers.
    package var isRunning: Bool { processID != nil }
}
