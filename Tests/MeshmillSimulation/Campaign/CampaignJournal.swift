import Crypto
import Foundation

/// What a campaign has got done, in a file, so that one that takes hours may be interrupted and go on.
///
/// A line a seed, appended as each ends; the first says which program it was. The results of another program, or of
/// another PostgreSQL, prove nothing of this one and are forgotten. Seeds that violated something are not in it.
package struct CampaignJournal: Sendable {
    private struct Header: Codable, Equatable {
        var program: String
        var server: String
    }

    private struct Line: Codable {
        var result: SeedResult
        /// How long the campaign had taken by then, in all.
        var seconds: Double
    }

    /// What was done before.
    package let done: [SeedResult]
    /// How long it took, in seconds.
    package let seconds: Double
    private let file: FileHandle

    /// Reads the journal at a path, or begins it.
    ///
    /// - Parameters:
    ///   - path: the file's; a campaign of any seeds may use it.
    ///   - server: the version of the PostgreSQL that the seeds run on.
    /// - Throws: what the file system does.
    package init(path: String, server: String) throws {
        let program = try Data(contentsOf: URL(filePath: "/proc/self/exe"), options: .alwaysMapped)
        let digest = SHA256.hash(data: program).map { String(format: "%02x", $0) }.joined()
        let header = Header(program: digest, server: server)
        let decoder = JSONDecoder()
        let lines = ((try? Data(contentsOf: URL(filePath: path))) ?? Data()).split(separator: UInt8(ascii: "\n"))
        if let first = lines.first, (try? decoder.decode(Header.self, from: first)) == header {
            // A line that was being written as the process died is no line.
            let read = lines.dropFirst().compactMap { try? decoder.decode(Line.self, from: $0) }
            done = read.map(\.result)
            seconds = read.last?.seconds ?? 0
        } else {
            done = []
            seconds = 0
            try (JSONEncoder().encode(header) + Data("\n".utf8)).write(to: URL(filePath: path))
        }
        file = try FileHandle(forWritingTo: URL(filePath: path))
        // The end of such a line must not be the beginning of the next one.
        if try file.seekToEnd() > 0 { try file.write(contentsOf: Data("\n".utf8)) }
    }

    /// Writes down what came of a seed, `seconds` after the campaign's first beginning.
    func add(_ result: SeedResult, seconds: Double) throws {
        guard result.violation == nil else { return }
        try file.write(contentsOf: JSONEncoder().encode(Line(result: result, seconds: seconds)) + Data("\n".utf8))
    }
}
