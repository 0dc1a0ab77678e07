import CLibPQ

/// libpq's result of one command, freed with its owner.
struct ResultHandle: ~Copyable {
    let pointer: OpaquePointer

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var rowCount: Int32 { PQntuples(pointer) }

    /// The command's tag, like `UPDATE 3`.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// How many rows the command says it touched; 0 if it says nothing.
    var rowsAffected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }
}
