import Artifacts

/// What a submission has under way, and what is to be done next; it does nothing itself.
///
/// Sources leave in the order they came in, so that jobs are queued in the order of their names however long each image
/// takes. Equal files are worked on once: a later one joins the one under way or finds the outcome remembered.
struct SubmissionQueue: Sendable {
    /// Sources under way before no more are listed.
    static let maximumSources = 2_048
    /// Files whose outcome is remembered.
    static let rememberedFiles = 8_192
    /// Jobs handed in at once.
    static let chunkSize = 1_000
    /// Files of one piece of work, and their bytes: large photos go alone, small pictures share a look-up.
    static let pieceFiles = 32
    static let pieceBytes: Int64 = 1 << 20
    /// Bytes of files that are worked on at once; a file that alone has more is worked on alone.
    static let maximumBytesUnderWay: Int64 = 128 << 20

    /// Files for one task.
    struct Piece: Sendable {
        fileprivate(set) var identities: [FileIdentity] = []
        fileprivate(set) var candidates: [SourceCandidate] = []
        fileprivate(set) var bytes: Int64 = 0
    }

    /// Jobs that are handed in together, and the inputs among theirs that are new.
    struct Chunk: Sendable {
        fileprivate(set) var inputs: [[UInt8]: KnownInput] = [:]
        fileprivate(set) var jobs: [NewJob] = []
    }

    /// A source that leaves the queue.
    enum Departure: Sendable {
        case refused(SourceRefusal)
        case ready(name: String, wasKnown: Bool)
    }

    private struct Source: Sendable {
        let candidate: SourceCandidate
        var outcome: SourceOutcome?
    }

    private enum Entry: Sendable {
        case source(Source)
        case refused(SourceRefusal)
    }

    private let limit: Int?
    /// The entry at index 0 has the number `first`.
    private var entries: [Entry] = []
    private var first = 0
    private var index = OutputIndex()
    private var remembered = RecentlyUsed<FileIdentity, SourceOutcome>(capacity: rememberedFiles)
    /// Numbers of the sources that wait for a file, whether it is under way or not.
    private var awaiting: [FileIdentity: [Int]] = [:]
    /// Files that nobody works on yet, in order.
    private var unread: [(FileIdentity, SourceCandidate)] = []
    private var filesUnderWay = 0
    private var bytesUnderWay: Int64 = 0
    private var inputsInQueue = 0
    private(set) var chunk = Chunk()
    /// Jobs that left so far.
    private(set) var accepted = 0
    private(set) var repeated = 0
    private(set) var ignored = 0

    init(limit: Int?) { self.limit = limit }

    var isLimitReached: Bool { limit.map { accepted >= $0 } ?? false }
    var wantsMore: Bool { entries.count < Self.maximumSources && !isLimitReached }
    var isEmpty: Bool { entries.isEmpty }
    var isChunkFull: Bool { chunk.jobs.count >= Self.chunkSize }

    /// Takes in what was listed.
    mutating func add(_ items: [InspectedItem]) {
        for item in items {
            switch item {
            case .ignored: ignored += 1
            case .refused(let refusal): entries.append(.refused(refusal))
            case .source(let candidate, let identity): add(candidate, identity)
            }
        }
    }

    private mutating func add(_ candidate: SourceCandidate, _ identity: FileIdentity) {
        switch index.claim(candidate) {
        case .again: repeated += 1
        case .taken:
            // The survey found none, so this name came up since.
            let problem = "its mesh would be \(Printable.name(candidate.output.glb)), which another source has by now"
            entries.append(.refused(SourceRefusal(candidate, problem: problem)))
        case .first:
            let outcome = remembered.value(for: identity)
            entries.append(.source(Source(candidate: candidate, outcome: outcome)))
            if let outcome {
                if outcome.isInput { inputsInQueue += 1 }
            } else {
                if awaiting[identity] == nil { unread.append((identity, candidate)) }
                awaiting[identity, default: []].append(first + entries.count - 1)
            }
        }
    }

    /// Files to work on next; `nil` when there are none, or when those under way may fill the limit.
    mutating func nextPiece() -> Piece? {
        let room = limit.map { $0 - accepted - inputsInQueue - filesUnderWay } ?? Self.pieceFiles
        // An input further back may have filled the limit; the file at the front is still to be read.
        let least = filesUnderWay == 0 ? 1 : 0
        var piece = Piece()
        for (identity, candidate) in unread.prefix(min(Self.pieceFiles, max(least, room))) {
            guard piece.candidates.isEmpty || piece.bytes + identity.size <= Self.pieceBytes else { break }
            guard filesUnderWay == 0 || bytesUnderWay + identity.size <= Self.maximumBytesUnderWay else { break }
            piece.bytes += identity.size
            bytesUnderWay += identity.size
            piece.identities.append(identity)
            piece.candidates.append(candidate)
        }
        guard !piece.candidates.isEmpty else { return nil }
        unread.removeFirst(piece.candidates.count)
        filesUnderWay += piece.candidates.count
        return piece
    }

    /// Takes in what a piece came to.
    mutating func finish(_ piece: Piece, _ outcomes: [SourceOutcome]) {
        precondition(outcomes.count == piece.identities.count, "one outcome for each file")
        filesUnderWay -= outcomes.count
        bytesUnderWay -= piece.bytes
        for (identity, outcome) in zip(piece.identities, outcomes) {
            remembered.insert(outcome, for: identity)
            for number in awaiting.removeValue(forKey: identity) ?? [] where number >= first {
                guard case .source(var source) = entries[number - first] else { continue }
                source.outcome = outcome
                entries[number - first] = .source(source)
                if outcome.isInput { inputsInQueue += 1 }
            }
        }
    }

    /// Lets sources go whose turn it is, as long as the chunk has room.
    mutating func depart() -> [Departure] {
        var departures: [Departure] = []
        while departures.count < entries.count, !isChunkFull, !isLimitReached,
            let departure = departure(of: entries[departures.count])
        {
            departures.append(departure)
        }
        entries.removeFirst(departures.count)
        first += departures.count
        return departures
    }

    private mutating func departure(of entry: Entry) -> Departure? {
        switch entry {
        case .refused(let refusal): return .refused(refusal)
        case .source(let source):
            switch source.outcome {
            case nil: return nil
            case .refused(let problem): return .refused(SourceRefusal(source.candidate, problem: problem))
            case .input(let input, let wasKnown):
                accept(source.candidate, input, wasKnown: wasKnown)
                return .ready(name: source.candidate.name, wasKnown: wasKnown)
            }
        }
    }

    private mutating func accept(_ candidate: SourceCandidate, _ input: KnownInput, wasKnown: Bool) {
        inputsInQueue -= 1
        accepted += 1
        if !wasKnown { chunk.inputs[input.sourceSHA256] = input }
        chunk.jobs.append(
            NewJob(
                inputSHA256: input.inputSHA256,
                inputFormat: input.format,
                parameters: candidate.template.parameters,
                priority: candidate.template.priority,
                customID: candidate.template.customID,
                source: candidate.source,
                output: candidate.output.glb
            )
        )
    }

    /// The jobs that wait to be handed in; the next chunk begins empty.
    mutating func takeChunk() -> Chunk {
        defer { chunk = Chunk() }
        return chunk
    }

    /// Forgets what is still under way, once the limit is reached.
    mutating func clear() {
        first += entries.count
        entries = []
        unread = []
        awaiting = [:]
    }
}
