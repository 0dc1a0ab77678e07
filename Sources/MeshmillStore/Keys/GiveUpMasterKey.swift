package import PostgresClient

/// Lets another master key take the place of one that is lost, if no key is in use that it seals.
///
/// - Returns: whether it was given up.
package struct GiveUpMasterKey: Statement {
    package static let sql = "/* GiveUpMasterKey */ SELECT meshmill.give_up_master_key($1, $2)"

    /// Which key the installation knows.
    package var masterKeyID: String
    /// Why, for the audit log.
    package var reason: String?

    package init(_ masterKeyID: String, reason: String?) {
        self.masterKeyID = masterKeyID
        self.reason = reason
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(masterKeyID)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Bool { try row.next() }
}
