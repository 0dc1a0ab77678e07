/// A message that somebody sent with NOTIFY.
package struct PostgresNotification: Sendable, Equatable {
    package var channel: String
    /// Up to 8,000 bytes, empty if none was given.
    ///
    /// Sent by any role of the database: judge it before use.
    package var payload: String
    /// The server process of the sender.
    package var processID: Int32
}
