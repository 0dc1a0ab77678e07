import AmaraAPI
import Artifacts
import CrashPoints
import Logging
import Media
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Brings one finished GLB home: fetched, checked, synced, renamed into place, recorded.
struct DownloadStage: Sendable {
    let parts: WorkerParts
    /// Places for downloads; the earliest expiry goes first.
    let turns: Turnstile

    /// Times a result is fetched again when what came was no GLB.
    private static let maximumBadFiles = 5

    /// Downloads and finishes.
    ///
    /// - Returns: whether the generation is over for this worker; `false` asks for another poll, which may bring a
    ///   fresh address.
    func run(_ generation: Generation, _ completed: CompletedGeneration) async -> Bool {
        let expiry = completed.expiresIn.map { Duration.seconds($0) }
        do {
            return try await turns.withPlace(before: .now + (expiry ?? .seconds(3_600))) {
                let wanted = try await begin(generation, expiresIn: expiry)
                guard let first = wanted.first else {
                    parts.logger.warning(
                        "job \(generation.jobID): another worker owns it by now; its GLB is left to that one"
                    )
                    return true
                }
                return try await fetch(generation, completed, wanted, first)
            }
        } catch {
            if !Task.isCancelled { parts.logger.warning("job \(generation.jobID): download: \(error); trying again") }
            return Task.isCancelled
        }
    }

    private func begin(_ generation: Generation, expiresIn: Duration?) async throws -> [BeginDownload.Row] {
        try await parts.database.query(
            BeginDownload(
                jobID: generation.jobID,
                leaseEpoch: generation.leaseEpoch,
                worker: parts.id,
                expiresIn: expiresIn
            )
        )
    }

    private func fetch(
        _ generation: Generation,
        _ completed: CompletedGeneration,
        _ wanted: [BeginDownload.Row],
        _ first: BeginDownload.Row
    ) async throws -> Bool {
        let folder = try OutputFolder(root: first.folder)
        let files = ResultFiles(folder: folder, output: first.output)
        do {
            let mesh: VerifiedGLB
            if let found = try await files.adoptable(generationID: generation.generationID) {
                parts.logger.info("job \(generation.jobID): its GLB was in place already and is verified")
                mesh = found
            } else {
                guard let fetched = try await fetchMesh(generation, completed, files) else { return false }
                let thumbnail = await fetchThumbnail(completed)
                let record = ResultRecord(generation, first, fetched.mesh)
                CrashPoint.beforeRename.reached()
                try await files.publish(fetched.part, record: record, thumbnail: thumbnail)
                CrashPoint.afterRename.reached()
                mesh = fetched.mesh
            }
            noteStorageTrouble(nil)
            if generation.wasAdopted { await files.clean() }
            try await files.link(to: wanted.dropFirst().map(\.output))
            let end = GenerationResult.End.completed(
                .init(
                    sha256: Hexadecimal.text(mesh.sha256),
                    bytes: mesh.bytes,
                    outputs: wanted.map(\.output)
                )
            )
            if await parts.finish(generation, end) {
                CrashPoint.afterFinish.reached()
                parts.activity.completed(after: generation.startedAt.duration(to: .now))
            }
            return true
        } catch let error as OutputTaken {
            let message = "\(error); move it away, then release the job"
            await parts.finish(generation, .failed(.hold, count: .none, code: "output_exists", message: message))
            return true
        } catch let error as ArtifactError where error.kind == .cancelled {
            // Not the disk's trouble: this worker stops, and another one fetches it.
            throw CancellationError()
        } catch let error as ArtifactError {
            // A full or absent disk: nothing new is submitted, and what is finished is fetched again until it expires.
            noteStorageTrouble("\(error)")
            try await Task.sleep(for: .seconds(Double.random(in: 1...3)))
            return false
        }
    }

    private func fetchMesh(
        _ generation: Generation,
        _ completed: CompletedGeneration,
        _ files: ResultFiles
    ) async throws -> (mesh: VerifiedGLB, part: PartFile)? {
        var badFiles = 0
        var useOwnEndpoint = true
        while true {
            try Task.checkCancellation()
            let part = try await files.begin()
            do {
                let token = try await parts.tokens.token(ofKey: generation.keyID)
                if useOwnEndpoint {
                    _ = try await parts.amara.download(
                        generationID: generation.generationID,
                        token: token,
                        limits: .glb
                    ) { bytes in
                        try await part.write(bytes)
                        CrashPoint.duringDownload.reached()
                    }
                } else if let url = completed.glbURL {
                    _ = try await parts.amara.download(url: url, token: token, limits: .glb) {
                        try await part.write($0)
                    }
                }
                return (try await GLB.verify(path: part.path), part)
            } catch {
                await part.discard()
                if let error = (error as? AmaraError)?.underlying as? ArtifactError { throw error }
                if error is ArtifactError || error is CancellationError { throw error }
                badFiles += 1
                parts.logger.warning("job \(generation.jobID): \(error); fetched again")
                // Then the poll says what has become of it.
                guard badFiles < Self.maximumBadFiles else { return nil }
                useOwnEndpoint = completed.glbURL == nil || !useOwnEndpoint
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...1_000)))
            }
        }
    }

    /// A thumbnail is a courtesy: without one the job is complete all the same.
    private func fetchThumbnail(_ completed: CompletedGeneration) async -> [UInt8]? {
        guard let url = completed.thumbnailURL else { return nil }
        let bytes = CollectedBytes()
        do {
            _ = try await parts.amara.download(url: url, token: nil, limits: .thumbnail) { bytes.append($0) }
            return bytes.all
        } catch {
            parts.logger.debug("thumbnail: \(error)")
            return nil
        }
    }

    private func noteStorageTrouble(_ trouble: String?) {
        guard parts.activity.note(storageTrouble: trouble) else { return }
        if let trouble {
            parts.logger.warning("nothing new is submitted until files can be written again: \(trouble)")
        } else {
            parts.logger.notice("files can be written again")
            parts.wake.signal()
        }
    }
}
