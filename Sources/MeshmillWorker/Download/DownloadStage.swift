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

    /// What one turn at the files came to.
    private enum Step {
        /// The generation ended like this, which is to be recorded.
        case ends(GenerationResult.End)
        /// It is over for this worker, with nothing to record.
        case isOver
        /// Another poll says more, or the database is waited for.
        case isTriedAgain
    }

    /// Whether a GLB is home already and waits for the database.
    func hasSpooled(_ generation: Generation) async -> Bool {
        parts.spool?.hasMesh(of: generation.generationID) ?? false
    }

    /// Downloads and finishes.
    ///
    /// - Parameters:
    ///   - generation: whose GLB.
    ///   - completed: what the provider said; `nil` for a GLB that lies in the spool.
    /// - Returns: whether the generation is over for this worker; `false` asks for another poll, which may bring a
    ///   fresh address.
    func run(_ generation: Generation, _ completed: CompletedGeneration?) async -> Bool {
        let expiry = completed?.expiresIn.map { Duration.seconds($0) }
        do {
            let step = try await turns.withPlace(before: .now + (expiry ?? .seconds(3_600))) {
                try await bringHome(generation, completed, expiresIn: expiry)
            }
            switch step {
            case .isOver: return true
            case .isTriedAgain: return false
            case .ends(let end):
                // Outside the turn: who waits for the database must not keep others from fetching theirs.
                if await parts.finish(generation, end), case .completed = end {
                    CrashPoint.afterFinish.reached()
                    parts.activity.completed(after: generation.startedAt.duration(to: .now))
                    parts.spool?.forget(meshOf: generation.generationID)
                }
                return true
            }
        } catch {
            if !Task.isCancelled { parts.logger.warning("job \(generation.jobID): download: \(error); trying again") }
            return Task.isCancelled
        }
    }

    private func bringHome(
        _ generation: Generation,
        _ completed: CompletedGeneration?,
        expiresIn: Duration?
    ) async throws -> Step {
        guard case .ours(let epoch) = generation.ownership.state, parts.activity.databaseTrouble == nil else {
            return try await spoolMesh(generation, completed)
        }
        let wanted: [BeginDownload.Row]
        do {
            wanted = try await parts.database.query(
                BeginDownload(
                    jobID: generation.jobID,
                    leaseEpoch: epoch,
                    worker: parts.id,
                    expiresIn: expiresIn
                ),
                timeout: .seconds(10)
            )
        } catch let error as PostgresError where error.isRetryable || error.isOutcomeUnknown {
            parts.logger.debug("job \(generation.jobID): \(error)")
            return try await spoolMesh(generation, completed)
        }
        guard let first = wanted.first else {
            parts.logger.warning("job \(generation.jobID): another worker owns it by now; its GLB is left to that one")
            return .isOver
        }
        return try await fetch(generation, completed, wanted, first)
    }

    /// The job's outputs as they are just before they are written: while a GLB was fetched, a person may have given one to
    /// another job, whose mesh may lie there already.
    ///
    /// - Returns: none if this worker does not own the job any more; what was wanted if the database cannot be asked.
    private func stillWanted(_ generation: Generation, _ wanted: [BeginDownload.Row]) async -> [String] {
        guard case .ours(let epoch) = generation.ownership.state else { return [] }
        let statement = BeginDownload(
            jobID: generation.jobID,
            leaseEpoch: epoch,
            worker: parts.id,
            expiresIn: nil
        )
        do {
            return try await parts.database.query(statement, timeout: .seconds(10)).map(\.output)
        } catch {
            parts.logger.debug("job \(generation.jobID): \(error)")
            return wanted.map(\.output)
        }
    }

    /// Fetches a GLB into the spool, since the database cannot say where it goes; it expires all the same.
    private func spoolMesh(_ generation: Generation, _ completed: CompletedGeneration?) async throws -> Step {
        guard let spool = parts.spool, let completed, !spool.hasMesh(of: generation.generationID) else {
            return .isTriedAgain
        }
        do {
            let fetched = try await fetchMesh(generation, completed) {
                try await spool.beginMesh(of: generation.generationID)
            }
            if let fetched {
                try await fetched.part.publish(replacing: true)
                parts.logger.info("job \(generation.jobID): its GLB is kept in the spool until the database is back")
            }
        } catch let error as ArtifactError where error.kind != .cancelled {
            parts.logger.warning("job \(generation.jobID): its GLB cannot be spooled: \(error); trying again")
        }
        return .isTriedAgain
    }

    private func fetch(
        _ generation: Generation,
        _ completed: CompletedGeneration?,
        _ wanted: [BeginDownload.Row],
        _ first: BeginDownload.Row
    ) async throws -> Step {
        let folder = try OutputFolder(root: first.folder)
        let files = ResultFiles(folder: folder, output: first.output)
        do {
            let mesh: VerifiedGLB
            let outputs: [String]
            if let found = try await verifying(
                generation,
                first,
                { try await files.adoptable(generationID: generation.generationID) }
            ) {
                parts.logger.info("job \(generation.jobID): its GLB was in place already and is verified")
                mesh = found
                outputs = await stillWanted(generation, wanted)
            } else {
                guard let fetched = try await fetchOrTake(generation, completed, files, first) else {
                    return .isTriedAgain
                }
                let thumbnail = await fetchThumbnail(completed)
                let record = ResultRecord(generation, first, fetched.mesh)
                outputs = await stillWanted(generation, wanted)
                guard outputs.contains(first.output) else {
                    await fetched.part.discard()
                    parts.logger.info("job \(generation.jobID): \(first.output) is another job's by now")
                    return outputs.isEmpty ? .isOver : .isTriedAgain
                }
                CrashPoint.beforeRename.reached()
                try await files.publish(fetched.part, record: record, thumbnail: thumbnail)
                CrashPoint.afterRename.reached()
                mesh = fetched.mesh
            }
            parts.noteStorageTrouble(nil)
            if generation.wasAdopted { await files.clean() }
            try await files.link(to: outputs)
            return .ends(
                .completed(
                    .init(
                        sha256: Hexadecimal.text(mesh.sha256),
                        bytes: mesh.bytes,
                        outputs: outputs
                    )
                )
            )
        } catch let error as OutputTaken {
            let message = "\(error); move it away, then release the job"
            return .ends(.failed(.hold, count: .none, code: "output_exists", message: message))
        } catch let error as ArtifactError where error.kind == .cancelled {
            // Not the disk's trouble: this worker stops, and another one fetches it.
            throw CancellationError()
        } catch let error as ArtifactError {
            // A full or absent disk: nothing new is submitted, and what is finished is fetched again until it expires.
            parts.noteStorageTrouble("\(error)")
            try await Task.sleep(for: .seconds(Double.random(in: 1...3)))
            return .isTriedAgain
        }
    }

    /// The GLB from the spool if it is there, else from the provider.
    private func fetchOrTake(
        _ generation: Generation,
        _ completed: CompletedGeneration?,
        _ files: ResultFiles,
        _ first: BeginDownload.Row
    ) async throws -> (mesh: VerifiedGLB, part: PartFile)? {
        let spooled = try await verifying(generation, first) { await parts.spool?.mesh(of: generation.generationID) }
        if let spool = parts.spool, let spooled {
            let part = try await files.begin()
            try await spool.copyMesh(of: generation.generationID, into: part)
            return (spooled, part)
        }
        guard let completed else { return nil }
        return try await fetchMesh(generation, completed, suspect: first) { try await files.begin() }
    }

    private func fetchMesh(
        _ generation: Generation,
        _ completed: CompletedGeneration,
        suspect: BeginDownload.Row? = nil,
        into begin: () async throws -> PartFile
    ) async throws -> (mesh: VerifiedGLB, part: PartFile)? {
        var badFiles = 0
        var useOwnEndpoint = true
        while true {
            try Task.checkCancellation()
            let part = try await begin()
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
                let mesh = try await verifying(generation, suspect) { try await GLB.verify(path: part.path) }
                return (mesh, part)
            } catch {
                await part.discard()
                if let error = (error as? AmaraError)?.underlying as? ArtifactError { throw error }
                if error is ArtifactError || error is CancellationError || error is LostJob { throw error }
                badFiles += 1
                parts.logger.warning("job \(generation.jobID): \(error); fetched again")
                // Then the poll says what has become of it.
                guard badFiles < Self.maximumBadFiles else { return nil }
                useOwnEndpoint = completed.glbURL == nil || !useOwnEndpoint
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...1_000)))
            }
        }
    }

    /// Reads a GLB, with that written down first where the database can be asked: whoever dies of it is known by it.
    ///
    /// Jobs that a worker died of are read alone, so that a crash blames nobody else.
    private func verifying<Value: Sendable>(
        _ generation: Generation,
        _ row: BeginDownload.Row?,
        _ read: () async throws -> Value
    ) async throws -> Value {
        guard let row, case .ours(let epoch) = generation.ownership.state else { return try await read() }
        return try await parts.verifyGate.pass(alone: row.crashCount > 0) {
            // No row: the job has another owner. No answer: the database is away, and the GLB is read all the same.
            if let marked = await mark(generation, epoch, true), marked.isEmpty { throw LostJob() }
            do {
                let value = try await read()
                _ = await mark(generation, epoch, false)
                return value
            } catch {
                _ = await mark(generation, epoch, false)
                throw error
            }
        }
    }

    private func mark(_ generation: Generation, _ epoch: Int64, _ isVerifying: Bool) async -> [Int]? {
        try? await parts.database.query(
            MarkVerifying(jobID: generation.jobID, leaseEpoch: epoch, worker: parts.id, isVerifying: isVerifying),
            timeout: .seconds(10)
        )
    }

    /// A thumbnail is a courtesy: without one the job is complete all the same.
    private func fetchThumbnail(_ completed: CompletedGeneration?) async -> [UInt8]? {
        guard let url = completed?.thumbnailURL else { return nil }
        let bytes = CollectedBytes()
        do {
            _ = try await parts.amara.download(url: url, token: nil, limits: .thumbnail) { bytes.append($0) }
            return bytes.all
        } catch {
            parts.logger.debug("thumbnail: \(error)")
            return nil
        }
    }
}

/// Another worker owns the job by now.
struct LostJob: Error, CustomStringConvertible {
    let description = "another worker owns the job by now"
}
