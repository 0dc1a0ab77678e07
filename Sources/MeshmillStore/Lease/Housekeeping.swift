package import PostgresClient

/// Queues scheduled jobs whose time has come.
///
/// - Returns: one row: how many.
package struct PromoteJobs: Statement {
    package static let sql = "/* PromoteJobs */ SELECT meshmill.promote($1::integer)"

    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(limit) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        Int(try row.next(Int32.self))
    }
}

/// Counts credits in doubt as spent once a window has passed without evidence.
///
/// This and the next three are statements of their own: each takes its locks in the one order and lets them go.
package struct ChargeDoubts: Statement {
    package static let sql = "/* ChargeDoubts */ SELECT meshmill.charge_doubts(1000)"

    package init() {}
}

/// Books use by others that a day did not explain, and parks accounts that our books have used up.
package struct BookDrifts: Statement {
    package static let sql = "/* BookDrifts */ SELECT meshmill.book_drifts()"

    package init() {}
}

/// Starts new months where the calendar decides, and parks and wakes keys at the provider's monthly limit.
package struct TurnMonths: Statement {
    package static let sql = "/* TurnMonths */ SELECT meshmill.turn_months()"

    package init() {}
}

/// Drops what let workers of before a rotation of the master key go on, once they have all ended.
package struct ForgetMasterKeys: Statement {
    package static let sql = "/* ForgetMasterKeys */ SELECT meshmill.forget_master_keys()"

    package init() {}
}

/// Adds what answers left pending to the balances of tenants and batches.
package struct FoldBalances: Statement {
    package static let sql = "/* FoldBalances */ SELECT meshmill.fold_balances()"

    package init() {}
}

/// Closes open batches that have nothing left to run.
package struct CloseBatches: Statement {
    package static let sql = "/* CloseBatches */ SELECT meshmill.close_batches()"

    package init() {}
}

/// Puts jobs away that ended long ago, with their attempts and ledger entries.
package struct ArchiveJobs: Statement {
    package static let sql = "/* ArchiveJobs */ SELECT meshmill.archive_jobs(2000)"

    package init() {}
}

/// Drops the months of old jobs that need not be kept any longer.
package struct DropMonths: Statement {
    package static let sql = "/* DropMonths */ SELECT meshmill.drop_months()"

    package init() {}
}
