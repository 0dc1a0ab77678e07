extension Failure {
    /// An id that no batch has.
    static func noBatch(_ id: Int64) -> Failure {
        Failure(.usage, "there is no batch \(id); see: meshmill batches list")
    }

    /// An id that no job has.
    static func noJob(_ id: Int64) -> Failure { Failure(.usage, "there is no job \(id); see: meshmill jobs list") }
}
