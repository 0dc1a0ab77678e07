/// A CSV file, one record at a time; blank lines are passed over.
struct CSVReader: Sendable {
    struct Record: Sendable {
        /// The line that the record starts on, counted from 1.
        let line: Int
        /// The fields, or why they cannot be read; the next record then starts on a line of its own.
        let values: Result<[String], RowProblem>
    }

    private var lines: LineReader

    init(_ lines: LineReader) { self.lines = lines }

    /// The next record; `nil` at the end of the file.
    ///
    /// - Throws: ``SystemError`` when the file cannot be read.
    mutating func next() throws(SystemError) -> Record? {
        guard let line = try lines.nextNotBlank() else { return nil }
        guard !line.isCut else { return Record(line: line.number, values: .failure(.tooLong)) }
        var record = CSVRecord()
        var state = record.append(line.bytes)
        var last = line.number
        while state == .open {
            if let line = try lines.next() {
                last = line.number
                state = line.isCut ? .malformed(RowProblem.tooLong.description) : record.append(line.bytes)
            } else {
                state = .malformed("a quoted field is never closed")
            }
        }
        if case .malformed(let problem) = state {
            // There is no telling where the next record starts, but no line is read twice.
            let passed = last > line.number ? "; lines \(line.number) to \(last) are passed over" : ""
            return Record(line: line.number, values: .failure(RowProblem(problem + passed)))
        }
        return Record(line: line.number, values: Self.text(record.fields))
    }

    private static func text(_ fields: [[UInt8]]) -> Result<[String], RowProblem> {
        let values = fields.compactMap { String(validating: $0, as: UTF8.self) }
        return values.count == fields.count ? .success(values) : .failure(RowProblem("it is not valid UTF-8"))
    }
}
