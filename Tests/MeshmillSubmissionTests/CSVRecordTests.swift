import Testing

@testable import MeshmillSubmission

@Suite("CSV records")
struct CSVRecordTests {
    /// The records of a text, or what was wrong with them.
    private func read(_ text: [UInt8]) async throws -> [Result<[String], RowProblem>] {
        try await withTemporaryFolder { folder in
            try folder.write("x.csv", text)
            var reader = CSVReader(LineReader(try OpenFile(folder.path + "/x.csv")))
            var records: [Result<[String], RowProblem>] = []
            while let record = try reader.next() { records.append(record.values) }
            return records
        }
    }

    /// A field as RFC 4180 writes it; quoted when it must be, and when it is wanted.
    private func written(_ field: String, quoted: Bool) -> String {
        let mustBeQuoted = field.unicodeScalars.contains { ["\"", ",", "\n", "\r"].contains($0) }
        guard quoted || mustBeQuoted else { return field }
        return "\"" + field.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    @Test("fields come back as RFC 4180 wrote them, whatever is in them", arguments: 1...20)
    func readsWhatItWrites(seed: Int) async throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let pieces = ["a", "\"", ",", "\n", "\r\n", " ", "é", "\u{301}", "👩‍👧", "x.png", ""]
        var records: [[String]] = []
        var lines: [String] = []
        while records.count < 200 {
            let record = (0..<Int.random(in: 1...4, using: &chance)).map { _ in
                (0..<Int.random(in: 0...5, using: &chance)).map { _ in pieces.randomElement(using: &chance) ?? "" }
                    .joined()
            }
            // A record of nothing but spaces is a blank line.
            guard record.count > 1 || !record[0].allSatisfy({ $0 == " " }) else { continue }
            records.append(record)
            lines.append(record.map { written($0, quoted: Bool.random(using: &chance)) }.joined(separator: ","))
        }
        let text = lines.joined(separator: seed % 2 == 0 ? "\n" : "\r\n")
        #expect(try await read(Array(text.utf8)).map { try $0.get() } == records, "seed \(seed)")
    }

    @Test("no bytes make the reader crash, loop or read a line twice", arguments: 1...20)
    func survivesNoise(seed: Int) async throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let alphabet: [UInt8] = Array("\"\",,\n\r ab".utf8) + [0, 0xFF, 0xC3]
        let noise = (0..<20_000).map { _ in alphabet.randomElement(using: &chance) ?? 0 }
        let lines = noise.count { $0 == 0x0A } + 1
        #expect(try await read(noise).count <= lines)
    }

    @Test("a quote inside a field that does not start with one stands for itself")
    func keepsInnerQuotes() async throws {
        let read = try await read(Array("5\" plate,b\"\"c\n".utf8))
        #expect(try read.map { try $0.get() } == [["5\" plate", "b\"\"c"]])
    }
}
