import MeshmillStore
import PostgresClient

extension Failure {
    /// An id that no batch has.
    static func noBatch(_ id: Int64) -> Failure {
        Failure(.usage, "there is no batch \(id); see: meshmill batches list")
    }

    /// An id that no job has.
    static func noJob(_ id: Int64) -> Failure { Failure(.usage, "there is no job \(id); see: meshmill jobs list") }

    /// A name that no tenant, org or pool has.
    static func noAccount(_ account: Account, _ name: String) -> Failure {
        Failure(.usage, "there is no \(account.rawValue) \(name); see: meshmill \(account.rawValue)s list")
    }
}

extension Installation {
    /// Throws ``Failure/noBatch(_:)`` unless there is one with this id.
    func checkBatch(_ id: Int64) async throws {
        guard try await !client.query(ListBatches(id: id)).isEmpty else { throw Failure.noBatch(id) }
    }
}
