import BlockingWork
import Media

/// One run of a submission: one loop that decides, and child tasks that list, prepare and hand in.
package struct SubmissionRun {
    /// How long a job waits for a chunk to fill.
    static let chunkWait: Duration = .milliseconds(250)

    /// Pieces of work at once.
    static let maximumPieces = pieces(threads: ThreadPool.processors)

    /// Pieces of work at once where so many threads prepare: more than can be prepared, so that some read, look up or
    /// store while others compute.
    package static func pieces(threads: Int) -> Int { threads + 4 }

    /// How a child task ended.
    private enum Step: Sendable {
        case listed([InspectedItem]?, SourceBatches)
        case prepared(SubmissionQueue.Piece, [SourceOutcome])
        case recorded([NewJob])
        case added([NewJob], [IntakeResult])
        case waited
    }

    private let intake: any JobIntake
    private let work: InputWork
    private let replaces: Bool
    private let events: EventSink

    private var queue: SubmissionQueue
    private var report = SubmissionReport()
    /// Where listing goes on; `nil` while it is under way and after the end.
    private var batches: SourceBatches?
    private var isListing = false
    private var piecesUnderWay = 0
    private var isRecording = false
    /// Jobs whose inputs are recorded, until those before them are added.
    private var recorded: [NewJob]?
    private var isAdding = false
    private var isWaiting = false
    private var isChunkDue = false

    init(_ submission: Submission, batches: SourceBatches, events: EventSink) {
        let request = submission.request
        intake = submission.intake
        work = InputWork(
            reader: submission.reader,
            preparer: submission.preparer,
            artifacts: submission.artifacts,
            intake: submission.intake,
            pause: StoragePause(submission.patience, events: events),
            isDryRun: request.isDryRun
        )
        replaces = request.replaces
        self.events = events
        self.batches = batches
        queue = SubmissionQueue(limit: request.limit)
    }

    /// Runs to the end.
    mutating func finish() async throws -> SubmissionReport {
        try await withThrowingTaskGroup(of: Step.self) { group in
            startTasks(in: &group)
            while !isDone, let step = try await group.next() {
                take(step)
                startTasks(in: &group)
            }
            group.cancelAll()
        }
        report.duplicates += queue.repeated
        report.ignored = queue.ignored
        return report
    }

    private var isDone: Bool {
        queue.isEmpty && queue.chunk.jobs.isEmpty && !isRecording && recorded == nil && !isAdding
            && (hasListedAll || queue.isLimitReached)
    }

    private var hasListedAll: Bool { batches == nil && !isListing }

    // MARK: Deciding

    /// Starts whatever can be done now.
    private mutating func startTasks(in group: inout ThrowingTaskGroup<Step, any Error>) {
        if queue.isLimitReached { queue.clear() }
        if queue.wantsMore, let batches {
            list(batches, in: &group)
        }
        while piecesUnderWay < Self.maximumPieces, let piece = queue.nextPiece() {
            prepare(piece, in: &group)
        }
        if !isAdding, let jobs = recorded {
            recorded = nil
            add(jobs, in: &group)
        }
        // While one chunk's jobs are added, the next one's inputs are recorded.
        if !isRecording && recorded == nil && !queue.chunk.jobs.isEmpty {
            // With nothing else under way the chunk will not grow.
            let isIdle = queue.isEmpty && (hasListedAll || queue.isLimitReached)
            if queue.isChunkFull || isChunkDue || isIdle {
                record(in: &group)
            } else if !isWaiting {
                waitForChunk(in: &group)
            }
        }
    }

    /// Takes in how a task ended, and lets sources go whose turn it is.
    private mutating func take(_ step: Step) {
        switch step {
        case .listed(let items, let rest):
            isListing = false
            if let items {
                batches = rest
                queue.add(items)
            }
        case .prepared(let piece, let outcomes):
            piecesUnderWay -= 1
            queue.finish(piece, outcomes)
        case .recorded(let jobs):
            isRecording = false
            recorded = jobs
        case .added(let jobs, let results):
            isAdding = false
            for (job, result) in zip(jobs, results) { report.add(result, of: job) }
            events.tell(.queued(report))
        case .waited:
            isWaiting = false
            isChunkDue = true
        }
        for departure in queue.depart() {
            switch departure {
            case .refused(let refusal):
                report.add(refusal)
                events.tell(.refused(refusal))
            case .ready(let name, let wasKnown):
                events.tell(.prepared(name: name, wasKnown: wasKnown))
            }
        }
    }

    // MARK: Acting

    private mutating func list(_ batches: SourceBatches, in group: inout ThrowingTaskGroup<Step, any Error>) {
        self.batches = nil
        isListing = true
        let reader = work.reader
        group.addTask {
            var batches = batches
            guard let items = try await batches.next() else { return .listed(nil, batches) }
            return .listed(try await InspectedItem.inspect(items, with: reader), batches)
        }
    }

    private mutating func prepare(
        _ piece: SubmissionQueue.Piece,
        in group: inout ThrowingTaskGroup<Step, any Error>
    ) {
        piecesUnderWay += 1
        let work = work
        group.addTask { .prepared(piece, try await work.outcomes(of: piece.candidates)) }
    }

    private mutating func record(in group: inout ThrowingTaskGroup<Step, any Error>) {
        isChunkDue = false
        isRecording = true
        let chunk = queue.takeChunk()
        let intake = intake
        group.addTask {
            if !chunk.inputs.isEmpty { try await intake.recordInputs(Array(chunk.inputs.values)) }
            return .recorded(chunk.jobs)
        }
    }

    private mutating func add(_ jobs: [NewJob], in group: inout ThrowingTaskGroup<Step, any Error>) {
        isAdding = true
        let intake = intake
        let replaces = replaces
        group.addTask {
            let results = try await intake.add(jobs, replacing: replaces)
            precondition(results.count == jobs.count, "the intake answers for each job")
            return .added(jobs, results)
        }
    }

    private mutating func waitForChunk(in group: inout ThrowingTaskGroup<Step, any Error>) {
        isWaiting = true
        group.addTask {
            try await Task.sleep(for: Self.chunkWait)
            return .waited
        }
    }
}
