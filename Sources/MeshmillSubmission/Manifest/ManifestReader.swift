/// A manifest, one row at a time: CSV with a header line, or JSON Lines.
///
/// A row that cannot be read is refused by its line number, and the next one is read. A value: a copy goes on by itself.
struct ManifestReader: Sendable {
    private enum Rows {
        case csv(CSVReader, columns: [ManifestField])
        case jsonLines(LineReader)
    }

    /// The manifest as the user named it.
    private let name: String
    /// The folder that images' paths start from, absolute.
    private let folder: String
    private let template: JobTemplate
    private var rows: Rows

    /// Opens a manifest and reads its header.
    ///
    /// - Parameters:
    ///   - path: as the user typed it; its name ends in `.csv`, `.jsonl` or `.ndjson`.
    ///   - workingFolder: where a relative path starts, absolute.
    ///   - template: what each job is given unless its row says otherwise.
    /// - Throws: ``SubmissionError`` when the file is none of these, cannot be read or has a wrong header.
    init(path: String, workingFolder: String, template: JobTemplate) throws(SubmissionError) {
        name = path
        self.template = template
        do {
            let absolute = try FilePath.absolute(path, in: workingFolder)
            folder = FilePath.typedFolder(absolute)
            let file = try OpenFile(absolute)
            if Self.isUTF16(try file.read(at: 0, count: 2)) { throw RowProblem("it is UTF-16; save it as UTF-8") }
            let ending = FilePath.lastComponent(path).lowercased()
            if ending.hasSuffix(".csv") {
                var reader = CSVReader(LineReader(file))
                let columns = try Self.columns(of: reader.next())
                rows = .csv(reader, columns: columns)
            } else if ending.hasSuffix(".jsonl") || ending.hasSuffix(".ndjson") {
                rows = .jsonLines(LineReader(file))
            } else {
                throw RowProblem("the name of a manifest ends in .csv or .jsonl")
            }
        } catch let problem as RowProblem {
            throw .manifest("\(Printable.name(path)): \(problem); nothing was submitted")
        } catch {
            throw .unreadable("\(Printable.name(path)): \(error); nothing was submitted")
        }
    }

    /// The next image or refusal; `nil` at the end.
    ///
    /// - Throws: ``SubmissionError/unreadable(_:)`` when the file stops being readable.
    mutating func next() throws(SubmissionError) -> ListedItem? {
        do {
            switch rows {
            case .csv(var reader, let columns):
                guard let record = try reader.next() else { return nil }
                rows = .csv(reader, columns: columns)
                return item(line: record.line) { try Self.row(record.values.get(), columns: columns) }
            case .jsonLines(var lines):
                guard let line = try lines.nextNotBlank() else { return nil }
                rows = .jsonLines(lines)
                return item(line: line.number) {
                    guard !line.isCut else { throw RowProblem.tooLong }
                    return try ManifestRow(json: line.bytes)
                }
            }
        } catch {
            throw .unreadable("\(Printable.name(name)): \(error)")
        }
    }

    private func item(line: Int, _ read: () throws -> ManifestRow) -> ListedItem {
        let place = "\(name):\(line)"
        do {
            let row = try read()
            guard !row.image.isEmpty else { throw RowProblem("it names no image") }
            guard !row.image.utf8.contains(0) else { throw RowProblem("the image's path contains a NUL character") }
            return try item(row, at: place)
        } catch {
            return .refused(SourceRefusal(source: place, name: place, problem: "\(error)"))
        }
    }

    private func item(_ row: ManifestRow, at place: String) throws -> ListedItem {
        let template = try row.template(over: template)
        let output = try row.output()
        let shown = FilePath.isAbsolute(row.image) ? row.image : FilePath.join(FilePath.typedFolder(name), row.image)
        do {
            let source = try FilePath.absolute(row.image, in: folder)
            return .candidate(
                SourceCandidate(
                    source: source,
                    name: shown,
                    output: output,
                    followsLink: true,
                    template: template,
                    row: SourceCandidate.Row(place: place, choosesOutput: row.out != nil)
                )
            )
        } catch {
            let source = FilePath.isAbsolute(row.image) ? row.image : FilePath.join(folder, row.image)
            return .refused(SourceRefusal(source: source, name: shown, problem: error.description))
        }
    }

    private static func row(_ values: [String], columns: [ManifestField]) throws -> ManifestRow {
        guard values.count == columns.count else {
            throw RowProblem("it has \(values.count) fields, and the header \(columns.count)")
        }
        return try ManifestRow(values: values, columns: columns)
    }

    private static func columns(of header: CSVReader.Record?) throws(RowProblem) -> [ManifestField] {
        guard let header else { throw RowProblem("it is empty; its first line names the columns") }
        var columns: [ManifestField] = []
        for name in try header.values.get() {
            let name = name.filter { $0 != " " }.lowercased()
            guard let column = ManifestField(rawValue: name) else {
                let cure = name.contains(";") ? "separate columns with commas" : "those are \(ManifestField.list)"
                throw RowProblem("\"\(Printable.name(name))\" is not a column of a manifest; \(cure)")
            }
            guard !columns.contains(column) else { throw RowProblem("it has two columns \"\(name)\"") }
            columns.append(column)
        }
        guard columns.contains(.image) else { throw RowProblem("it has no column \"image\"") }
        return columns
    }

    private static func isUTF16(_ start: [UInt8]) -> Bool { start == [0xFF, 0xFE] || start == [0xFE, 0xFF] }
}
