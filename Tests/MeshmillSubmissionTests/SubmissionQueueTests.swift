import Artifacts
import Testing

@testable import MeshmillSubmission

@Suite("The submission queue")
struct SubmissionQueueTests {
    private func candidate(_ number: Int) throws -> SourceCandidate {
        SourceCandidate(
            source: "/photos/\(number).png",
            name: "\(number).png",
            output: try OutputName(source: "\(number).png"),
            followsLink: false,
            template: JobTemplate(parameters: .providerDefaults)
        )
    }

    private func identity(_ file: Int, size: Int64 = 1_000) -> FileIdentity {
        FileIdentity(device: 1, inode: UInt64(file), size: size, modifiedSeconds: 0, modifiedNanoseconds: 0)
    }

    private func outcome(of file: Int, refusing: Int) -> SourceOutcome {
        guard file % refusing != 0 else { return .refused("file \(file)") }
        let hash = [UInt8](repeating: UInt8(file % 256), count: 32)
        let input = KnownInput(
            sourceSHA256: hash,
            inputSHA256: hash,
            bytes: 1,
            format: "png",
            width: 1,
            height: 1
        )
        return .input(input, wasKnown: false)
    }

    @Test(
        "sources leave once each and in order, however the files come back and whatever the limit",
        arguments: 1...200
    )
    func keepsOrder(seed: Int) throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let limit = Bool.random(using: &chance) ? Int.random(in: 1...60, using: &chance) : nil
        let files = Int.random(in: 1...80, using: &chance)
        let refusing = Int.random(in: 2...9, using: &chance)
        let chosen = (0..<100).map { _ in Int.random(in: 1...files, using: &chance) }
        let items = try chosen.enumerated().map { number, file in
            InspectedItem.source(try candidate(number), identity(file, size: Int64(file) * 40_000))
        }

        var queue = SubmissionQueue(limit: limit)
        var waiting = items[...]
        var underWay: [SubmissionQueue.Piece] = []
        var worked: [FileIdentity] = []
        var left: [String] = []
        while !queue.isLimitReached && !(waiting.isEmpty && queue.isEmpty) {
            if !waiting.isEmpty && (underWay.isEmpty || Bool.random(using: &chance)) {
                queue.add(Array(waiting.prefix(17)))
                waiting = waiting.dropFirst(17)
            }
            while underWay.count < 3, let piece = queue.nextPiece() {
                #expect(piece.candidates.count <= SubmissionQueue.pieceFiles)
                #expect(piece.candidates.count == 1 || piece.bytes <= SubmissionQueue.pieceBytes)
                worked += piece.identities
                underWay.append(piece)
            }
            if let piece = underWay.indices.randomElement(using: &chance).map({ underWay.remove(at: $0) }) {
                queue.finish(piece, piece.identities.map { outcome(of: Int($0.inode), refusing: refusing) })
            }
            left += queue.depart().map { departure in
                switch departure {
                case .refused(let refusal): refusal.name
                case .ready(let name, _): name
                }
            }
        }

        let good = chosen.count { $0 % refusing != 0 }
        #expect(queue.accepted == min(good, limit ?? good), "seed \(seed)")
        #expect(left == (0..<left.count).map { "\($0).png" }, "seed \(seed)")
        #expect(limit != nil || left.count == 100, "seed \(seed)")
        #expect(Set(worked).count == worked.count, "each file is worked on once, seed \(seed)")
        #expect(queue.takeChunk().jobs.count == queue.accepted)
    }

    @Test("a chunk takes 1,000 jobs and the rest wait for the next one")
    func fillsChunks() throws {
        var queue = SubmissionQueue(limit: nil)
        queue.add(try (0..<1_500).map { .source(try candidate($0), identity(1)) })
        let next = queue.nextPiece()
        let piece = try #require(next)
        #expect(piece.candidates.count == 1)
        queue.finish(piece, [outcome(of: 1, refusing: 2)])
        #expect(queue.depart().count == 1_000)
        #expect(queue.isChunkFull && queue.depart().isEmpty)
        let chunk = queue.takeChunk()
        #expect(chunk.inputs.count == 1 && chunk.jobs.count == 1_000)
        #expect(queue.depart().count == 500)
        #expect(queue.isEmpty)
    }

    @Test("files that are large together are not worked on together")
    func boundsBytes() throws {
        var queue = SubmissionQueue(limit: nil)
        let size = SubmissionQueue.maximumBytesUnderWay - 1
        queue.add([
            .source(try candidate(1), identity(1, size: size)), .source(try candidate(2), identity(2, size: size)),
        ])
        let next = queue.nextPiece()
        let first = try #require(next)
        #expect(queue.nextPiece()?.identities == nil)
        queue.finish(first, [outcome(of: 1, refusing: 2)])
        #expect(queue.nextPiece()?.identities == [identity(2, size: size)])
    }

    @Test("a name that came up after the survey and collides is refused")
    func refusesLateCollisions() throws {
        var queue = SubmissionQueue(limit: nil)
        var late = try candidate(1)
        late.source = "/photos/1.jpg"
        late.name = "1.jpg"
        queue.add([.source(try candidate(1), identity(1)), .source(late, identity(2))])
        let next = queue.nextPiece()
        let piece = try #require(next)
        queue.finish(piece, [outcome(of: 1, refusing: 2)])
        guard case .refused(let refusal)? = queue.depart().last else {
            Issue.record("the later one left with a job")
            return
        }
        #expect(refusal.description == "1.jpg: its mesh would be 1.glb, which another source has by now; skipped")
    }
}
