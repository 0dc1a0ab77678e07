import Foundation
import Media
import MeshmillCore
import MeshmillStore
import PostgresClient

/// What the `.json` beside a GLB says of how it was made.
struct ResultRecord: Codable, Sendable {
    let jobID: Int64
    let batchID: Int64
    let customID: String?
    let source: String
    let generationID: String
    let key: String
    let mode: String?
    let prompt: String?
    let seed: Int64?
    let decimationTarget: Int?
    let textureSize: Int?
    let credits: Int
    let submittedAt: String
    let startedAt: String
    let completedAt: String
    let bytes: Int64
    let sha256: String

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case batchID = "batch_id"
        case customID = "custom_id"
        case source
        case generationID = "generation_id"
        case key, mode, prompt, seed
        case decimationTarget = "decimation_target"
        case textureSize = "texture_size"
        case credits
        case submittedAt = "submitted_at"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case bytes, sha256
    }

    init(_ generation: Generation, _ wanted: BeginDownload.Row, _ mesh: VerifiedGLB) {
        jobID = generation.jobID
        batchID = generation.batchID
        customID = wanted.customID
        source = wanted.source
        generationID = generation.generationID
        key = generation.keyName
        mode = wanted.mode
        prompt = wanted.prompt
        seed = wanted.seed
        decimationTarget = wanted.decimationTarget
        textureSize = wanted.textureSize
        credits = wanted.credits
        submittedAt = wanted.submittedAt.description
        startedAt = wanted.claimedAt.description
        completedAt = Date.now.formatted(.iso8601)
        bytes = mesh.bytes
        sha256 = Hexadecimal.text(mesh.sha256)
    }

    /// Indented, with sorted keys, for people and `diff`.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [0x0A]
    }
}
