import Artifacts
import Foundation
import Media
import MeshmillCore

/// The files of one result: the GLB, beside it the thumbnail and a `.json`.
struct ResultFiles: Sendable {
    let folder: OutputFolder
    /// The GLB's path below the folder.
    let output: String

    private var stem: String { output.hasSuffix(".glb") ? String(output.dropLast(4)) : output }
    private var record: String { stem + ".json" }

    /// A hidden file that takes the GLB's bytes.
    func begin() async throws -> PartFile {
        try await folder.beginFile(relative: output)
    }

    /// The GLB of this generation that a worker left who died after the rename and before its commit.
    ///
    /// - Returns: `nil` if there is none, or it is another generation's, or damaged.
    func adoptable(generationID: String) async throws -> VerifiedGLB? {
        guard let record = try await readRecord(), record.generationID == generationID,
            try await folder.existing(relative: output) != nil,
            let mesh = try? await GLB.verify(path: folder.path(of: output)),
            Hexadecimal.text(mesh.sha256) == record.sha256
        else { return nil }
        return mesh
    }

    /// Puts everything in place, the GLB last, since its presence says that the result is whole.
    ///
    /// - Throws: ``OutputTaken`` if a file is there that is not an earlier result of ours.
    func publish(_ part: PartFile, record: ResultRecord, thumbnail: [UInt8]?) async throws {
        let isOurs = try await readRecord() != nil
        if !isOurs, try await folder.existing(relative: output) != nil {
            await part.discard()
            throw OutputTaken(path: folder.path(of: output))
        }
        if let thumbnail, let format = ImageFormat(signatureOf: thumbnail) {
            let name = stem + ".thumbnail." + format.fileExtension
            try await folder.writeSmallFile(relative: name, bytes: thumbnail, replacing: true)
        }
        try await folder.writeSmallFile(relative: self.record, bytes: try record.json(), replacing: true)
        try await part.publish(replacing: true)
    }

    /// Removes what a worker that had this generation before left half-written; that it cannot is no reason to fail.
    func clean() async {
        let files = [record] + ImageFormat.allCases.map { stem + ".thumbnail." + $0.fileExtension }
        let names = files.compactMap { $0.split(separator: "/").last.map(String.init) }
        _ = try? await folder.removeParts(of: output, and: names)
    }

    /// Gives further sources of the same job their GLB.
    func link(to others: [String]) async throws {
        for other in others where other != output {
            try await folder.linkOrCopy(from: output, to: other, replacing: true)
        }
    }

    private func readRecord() async throws -> ResultRecord? {
        guard try await folder.existing(relative: record) != nil else { return nil }
        return try? JSONDecoder().decode(
            ResultRecord.self,
            from: Data(contentsOf: URL(filePath: folder.path(of: record)))
        )
    }
}

/// A file that is not Meshmill's stands where a GLB is to go.
struct OutputTaken: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path): a file that is not Meshmill's stands there" }
}
