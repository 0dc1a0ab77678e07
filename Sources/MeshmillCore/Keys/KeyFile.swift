/// The file that `meshmill keys import` reads.
///
/// CSV with a header if and only if line 1 has a field named exactly `secret`; else one secret a line. Empty lines and
/// a byte order mark do not count. A field left empty is not given.
///
///     secret,name,org,monthly_limit,rate_limit,rate_window
///     sk_amara_…,studio-1,studio,100,5,15m
package enum KeyFile {
    /// The columns of a CSV, in any order; only `secret` must be there.
    enum Column: String, CaseIterable {
        case secret, name, org, pool
        case monthlyLimit = "monthly_limit"
        case rateLimit = "rate_limit"
        case rateWindow = "rate_window"
        case reserveSlots = "reserve_slots"
        case usedRecently = "used_recently"
    }

    /// Reads a whole file.
    ///
    /// - Throws: ``KeyFileError`` with every line that is wrong; then nothing of the file is to be used.
    package static func parse(_ text: String) throws(KeyFileError) -> [KeyFileRow] {
        var error = KeyFileError()
        let records = CSVRecords.read(text, &error)
        guard let header = records.first else {
            if error.count == 0 { error.add("the file has no key", line: nil) }
            throw error
        }
        var rows: [KeyFileRow] = []
        if header.fields.contains(Column.secret.rawValue) {
            let columns = columns(of: header, &error)
            guard error.count == 0 else { throw error }
            for record in records.dropFirst() {
                if let row = row(record, columns, &error) { rows.append(row) }
            }
        } else {
            for record in records {
                if let row = secretAlone(record, &error) { rows.append(row) }
            }
        }
        refuseRepetitions(rows, &error)
        if rows.isEmpty, error.count == 0 { error.add("the file has a header and no key", line: nil) }
        guard error.count == 0 else { throw error }
        return rows
    }

    private static func columns(of header: CSVRecords.Record, _ error: inout KeyFileError) -> [Column] {
        var columns: [Column] = []
        for name in header.fields {
            guard let column = Column(rawValue: name) else {
                let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
                error.add("unknown column \(quoted(name)); known are \(known)", line: header.line)
                continue
            }
            if columns.contains(column) { error.add("column \(name) is there twice", line: header.line) }
            columns.append(column)
        }
        return columns
    }

    private static func secretAlone(_ record: CSVRecords.Record, _ error: inout KeyFileError) -> KeyFileRow? {
        guard record.fields.count == 1, let text = record.fields.first else {
            // Not quoted: it may well be a secret.
            error.add("more than a secret, but line 1 is no header with a field secret", line: record.line)
            return nil
        }
        guard KeyLimits.isSecret(text) else {
            error.add("no secret: it has a character that no key has, or is too long", line: record.line)
            return nil
        }
        return KeyFileRow(line: record.line, secret: Secret(text))
    }

    private static func row(
        _ record: CSVRecords.Record,
        _ columns: [Column],
        _ error: inout KeyFileError
    ) -> KeyFileRow? {
        guard record.fields.count == columns.count else {
            error.add("\(record.fields.count) fields, but the header has \(columns.count)", line: record.line)
            return nil
        }
        let before = error.count
        var row = KeyFileRow(line: record.line, secret: Secret(""))
        for (column, text) in zip(columns, record.fields) where !text.isEmpty {
            if let problem = set(column, text, in: &row) { error.add(problem, line: record.line) }
        }
        if row.secret.exposed.isEmpty, error.count == before { error.add("no secret", line: record.line) }
        let limit = row.rateLimit ?? KeyLimits.documentedRateLimit
        if let reserve = row.reserveSlots, reserve >= limit {
            error.add("reserve_slots \(reserve) leaves none of \(limit) slots", line: record.line)
        }
        return error.count == before ? row : nil
    }

    /// Takes one field over, or says what is wrong with it.
    private static func set(_ column: Column, _ text: String, in row: inout KeyFileRow) -> String? {
        switch column {
        case .secret:
            guard KeyLimits.isSecret(text) else { return "secret has a character that no key has, or is too long" }
            row.secret = Secret(text)
        case .name, .org, .pool:
            guard !looksLikeSecret(text) else {
                return "\(column.rawValue) begins with sk_, as secrets do: is it in the wrong column?"
            }
            guard KeyLimits.isName(text) else {
                return "\(column.rawValue) \(quoted(text)) is not a name of up to \(KeyLimits.maximumNameBytes) "
                    + "visible characters"
            }
            switch column {
            case .name: row.name = text
            case .org: row.org = text
            default: row.pool = text
            }
        case .monthlyLimit:
            guard let limit = wholeNumber(text), limit <= KeyLimits.maximumCredits else {
                return "monthly_limit \(quoted(text)) is not a whole number up to \(KeyLimits.maximumCredits)"
            }
            row.monthlyLimit = limit
        case .rateLimit:
            guard let limit = wholeNumber(text), KeyLimits.rateLimits.contains(Int(limit)) else {
                return "rate_limit \(quoted(text)) is not a whole number from 1 to \(KeyLimits.rateLimits.upperBound)"
            }
            row.rateLimit = Int(limit)
        case .rateWindow:
            guard let window = DurationText.parse(text), KeyLimits.rateWindows.contains(window) else {
                return "rate_window \(quoted(text)) is not a length of time such as 15m, 6s or 900"
            }
            row.rateWindow = window
        case .reserveSlots:
            guard let slots = wholeNumber(text), slots < KeyLimits.rateLimits.upperBound else {
                return "reserve_slots \(quoted(text)) is not a whole number below rate_limit"
            }
            row.reserveSlots = Int(slots)
        case .usedRecently:
            guard let value = ["true": true, "1": true, "false": false, "0": false][text] else {
                return "used_recently \(quoted(text)) is none of true, false, 1, 0"
            }
            row.usedRecently = value
        }
        return nil
    }

    private static func refuseRepetitions(_ rows: [KeyFileRow], _ error: inout KeyFileError) {
        var lines: [Secret: Int] = [:]
        var names: [String: Int] = [:]
        for row in rows {
            if let first = lines.updateValue(row.line, forKey: row.secret) {
                error.add("the same secret as line \(first)", line: row.line)
            }
            if let name = row.name, let first = names.updateValue(row.line, forKey: name) {
                error.add("the same name as line \(first), \(quoted(name))", line: row.line)
            }
        }
    }

    private static func wholeNumber(_ text: String) -> Int64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// A field for an error, with only those characters that can be seen; what may be a secret in the wrong column is not
    /// shown.
    private static func quoted(_ text: String) -> String {
        guard text.count <= 16, !looksLikeSecret(text) else { return "of \(text.count) characters (not shown)" }
        let shown = text.map { $0.isASCII && !$0.isWhitespace && $0 > "\u{1F}" && $0 < "\u{7F}" ? $0 : "?" }
        return "\"\(String(shown))\""
    }

    private static func looksLikeSecret(_ text: String) -> Bool { text.hasPrefix("sk_") }
}
