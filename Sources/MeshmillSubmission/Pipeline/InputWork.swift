import Artifacts
import BlockingWork
import Crypto
import Media

/// Turns sources into stored inputs: read, look up, and only if that finds nothing, prepare and store.
struct InputWork: Sendable {
    let reader: SourceReader
    let preparer: ImagePreparer
    let artifacts: any ArtifactStore
    let intake: any JobIntake
    let pause: StoragePause
    let isDryRun: Bool

    /// Works on a few sources: one look-up for all, then one after another.
    ///
    /// - Returns: what each came to, in the same order.
    /// - Throws: what the intake throws, ``SubmissionError/storage(_:)``, `CancellationError`; never for a bad image.
    @concurrent func outcomes(of candidates: [SourceCandidate]) async throws -> [SourceOutcome] {
        var contents: [Result<Content, SourceProblem>] = []
        for candidate in candidates { contents.append(try await read(candidate)) }
        let hashes = contents.compactMap { try? $0.get().sha256 }
        let known = hashes.isEmpty ? [:] : try await intake.knownInputs(hashes)
        var outcomes: [SourceOutcome] = []
        for content in contents {
            switch content {
            case .failure(let problem): outcomes.append(.refused(problem.description))
            case .success(let content): outcomes.append(try await outcome(of: content, known: known[content.sha256]))
            }
        }
        return outcomes
    }

    private struct Content: Sendable {
        let bytes: [UInt8]
        let sha256: [UInt8]
    }

    private func read(_ candidate: SourceCandidate) async throws -> Result<Content, SourceProblem> {
        do {
            let content = try await pause.untilItSucceeds(while: { ($0 as? SourceProblem)?.isPassing ?? false }) {
                try await ThreadPool.files.run {
                    Result { () throws(SourceProblem) in
                        let bytes = try reader.read(candidate)
                        return Content(bytes: bytes, sha256: Array(SHA256.hash(data: bytes)))
                    }
                }.get()
            }
            return .success(content)
        } catch let problem as SourceProblem {
            return .failure(problem)
        }
    }

    private func outcome(of content: Content, known: KnownInput?) async throws -> SourceOutcome {
        // What was prepared before may have been purged since.
        if let known, try await isStored(known) { return .input(known, wasKnown: true) }
        do {
            let image = try await preparer.prepare(content.bytes)
            if !isDryRun {
                let key = try ArtifactKey(.inputs, sha256: image.sha256, fileExtension: image.format.fileExtension)
                try await store { try await artifacts.put(image.bytes, at: key) }
            }
            let input = KnownInput(
                sourceSHA256: content.sha256,
                inputSHA256: image.sha256,
                bytes: image.bytes.count,
                format: image.format.rawValue,
                width: image.width,
                height: image.height
            )
            return .input(input, wasKnown: false)
        } catch let rejection as ImageRejection {
            return .refused(rejection.description)
        }
    }

    private func isStored(_ input: KnownInput) async throws -> Bool {
        guard let format = ImageFormat(rawValue: input.format) else { return false }
        let key = try ArtifactKey(.inputs, sha256: input.inputSHA256, fileExtension: format.fileExtension)
        return try await store { try await artifacts.contains(key) }
    }

    private func store<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        do {
            return try await pause.untilItSucceeds(
                while: { ($0 as? ArtifactError)?.isStoreUnavailable ?? false },
                operation
            )
        } catch let error as ArtifactError {
            guard error.kind != .cancelled else { throw CancellationError() }
            throw SubmissionError.storage(error.description)
        }
    }
}
