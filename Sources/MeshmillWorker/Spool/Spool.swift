import Artifacts
import Foundation
import Logging
import Media
import MeshmillStore

/// What the database could not take yet, in files that outlive the process: answers to POSTs, and finished GLBs.
///
/// An answer lies under its attempt's id, a GLB under the provider's id of its generation, so whoever finds them knows
/// what they are, whichever process wrote them. All processes of one home share the folder; every file appears whole or
/// not at all, and what is recorded is removed by whoever recorded it.
struct Spool: Sendable {
    private let folder: OutputFolder
    private let logger: Logger

    /// Names the folder, without touching it yet.
    ///
    /// - Throws: `ArtifactError` if the path is not absolute.
    init(path: String, logger: Logger) throws {
        folder = try OutputFolder(root: path)
        self.logger = logger
    }

    // MARK: - Answers

    /// Keeps an answer until it is recorded; a disk that does not take it is only logged, since memory still has it.
    func keep(_ answer: SpooledAnswer) async {
        do {
            try await folder.create()
            let bytes = try Array(JSONEncoder().encode(answer))
            try await folder.writeSmallFile(
                relative: Self.name(ofAnswer: answer.attemptID),
                bytes: bytes,
                replacing: true
            )
        } catch {
            logger.warning("attempt \(answer.attemptID): its answer is kept in memory only: \(error)")
        }
    }

    /// Takes an answer away that is recorded.
    func forget(answerOf attemptID: Int64) {
        try? FileManager.default.removeItem(atPath: folder.path(of: Self.name(ofAnswer: attemptID)))
    }

    /// The answers that wait, at most `limit`; those that cannot be read are skipped and logged.
    func answers(limit: Int) -> [SpooledAnswer] {
        names { $0.hasPrefix("answer-") && $0.hasSuffix(".json") }.prefix(limit).compactMap { name in
            do {
                let data = try Data(contentsOf: URL(filePath: folder.path(of: name)))
                return try JSONDecoder().decode(SpooledAnswer.self, from: data)
            } catch CocoaError.fileReadNoSuchFile {
                return nil  // recorded by another process meanwhile
            } catch {
                logger.warning("\(folder.path(of: name)): not an answer that can be recorded: \(error)")
                return nil
            }
        }
    }

    // MARK: - GLBs

    /// The GLB of a generation, checked; `nil` if there is none.
    func mesh(of generationID: String) async -> VerifiedGLB? {
        let path = meshPath(of: generationID)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try await GLB.verify(path: path)
        } catch {
            logger.warning("\(path): \(error); fetched again")
            forget(meshOf: generationID)
            return nil
        }
    }

    /// Whether there is a file for a generation, without reading it.
    func hasMesh(of generationID: String) -> Bool {
        FileManager.default.fileExists(atPath: meshPath(of: generationID))
    }

    /// A hidden file that becomes a generation's GLB when it is published.
    func beginMesh(of generationID: String) async throws -> PartFile {
        try await folder.create()
        return try await folder.beginFile(relative: Self.name(ofMesh: generationID))
    }

    /// Copies a generation's GLB into a part file.
    func copyMesh(of generationID: String, into part: PartFile) async throws {
        let file = try FileHandle(forReadingFrom: URL(filePath: meshPath(of: generationID)))
        defer { try? file.close() }
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { try await part.write(Array(piece)) }
    }

    /// Takes a GLB away that is in its output folder.
    func forget(meshOf generationID: String) {
        try? FileManager.default.removeItem(atPath: meshPath(of: generationID))
    }

    /// Removes GLBs that nobody came for within a week: their jobs were cancelled, or completed from elsewhere.
    func removeForgotten() async {
        let oldest = Date.now.addingTimeInterval(-7 * 86_400)
        for name in names({ $0.hasPrefix("mesh-") }) {
            let path = folder.path(of: name)
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let written = attributes?[.modificationDate] as? Date, written < oldest else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
        guard FileManager.default.fileExists(atPath: folder.root) else { return }
        _ = try? await folder.removeStaleParts(olderThan: .seconds(86_400))
    }

    private func names(_ isWanted: (String) -> Bool) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.root)) ?? []).filter(isWanted).sorted()
    }

    private func meshPath(of generationID: String) -> String { folder.path(of: Self.name(ofMesh: generationID)) }

    private static func name(ofAnswer attemptID: Int64) -> String { "answer-\(attemptID).json" }
    /// The id was checked where it came in: letters, digits and `. _ : -` only.
    private static func name(ofMesh generationID: String) -> String { "mesh-\(generationID).glb" }
}
