extension PostgresTimestamp: PostgresDecodable {
    /// Microseconds from 1970, the epoch used here, to 2000-01-01 UTC, PostgreSQL's own.
    private static let epochShift: Int64 = 946_684_800_000_000

    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        guard cell.type == .timestamptz else { throw cell.mismatch("timestamptz") }
        let since2000 = try cell.integer(Int64.self)
        if since2000 == .max || since2000 == .min {
            self.init(microseconds: since2000)
            return
        }
        let (since1970, overflow) = since2000.addingReportingOverflow(Self.epochShift)
        // PostgreSQL's last 30 years, around the year 294,246, do not fit.
        guard !overflow, since1970 != .max else { throw .outOfRange }
        self.init(microseconds: since1970)
    }
}

/// Reads an `interval`, counting a day as 24 hours and a month as 30 days.
extension Duration: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        guard cell.type == .interval else { throw cell.mismatch("interval") }
        let bytes = try cell.valueBytes()
        guard bytes.count == 16 else { throw .malformed }
        let microseconds = Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        let days = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        let months = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        let wholeDays = Int64(days) + 30 * Int64(months)
        self = .seconds(86_400 * wholeDays) + .microseconds(microseconds)
    }
}
