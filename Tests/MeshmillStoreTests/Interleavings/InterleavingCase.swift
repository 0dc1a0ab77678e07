import PostgresClient
import Testing

/// A scene and the scripts that are played in it against each other.
struct InterleavingCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// The rows that somebody else may hold: each is a further session of its own play, and makes the others pause in
    /// the middle of their calls.
    let holds: [Hold]
    /// Sets the scene and returns the scripts.
    let stage: @Sendable (Yard) async throws -> [Script]

    var testDescription: String { name }

    init(
        _ name: String,
        holds: [Hold] = [.org, .tenant, .job],
        stage: @escaping @Sendable (Yard) async throws -> [Script]
    ) {
        self.name = name
        self.holds = holds
        self.stage = stage
    }
}

/// A row that an operator's open transaction holds from the start, until at some moment it lets go.
enum Hold: String, Sendable, CaseIterable {
    case org, key, tenant, batch, job, attempt

    /// Takes the row with id 1, and lets it go.
    var script: Script {
        let table = self == .batch ? "batches" : "\(self)s"
        return .transaction("hold \(self)") { connection in
            try await connection.simpleQuery("SELECT FROM meshmill.\(table) WHERE id = 1 FOR NO KEY UPDATE")
            return ""
        }
    }

    /// Whether claims pass such a row by, and take the next, instead of waiting for it.
    var isPassedBy: Bool { self == .key || self == .job }
}
