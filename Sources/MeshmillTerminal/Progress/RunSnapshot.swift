package import MeshmillCore

/// What `meshmill run` knows at one moment.
package struct RunSnapshot: Sendable, Equatable {
    /// The input as typed, such as `photos/`; of several, how many.
    package var source: String
    /// The output folder as typed.
    package var out: String
    /// `nil` until the batch is in the database.
    package var batchID: Int64?
    /// Whether images are still read and prepared.
    package var isSubmitting = false
    /// Images that the survey found; `nil` until it is over.
    package var found: Int?
    /// Images read and prepared so far, the known ones too.
    package var prepared = 0
    /// Inputs refused: no image, too large, a name that collides.
    package var refused = 0
    /// The jobs of the batch.
    package var counts = JobCounts()
    /// Some of the generations under way, longest-running first.
    package var active: [ActiveGeneration] = []
    /// The credits of the batch.
    package var credits = CreditUse()
    /// The keys of the pool.
    package var keys = KeyOutlook()
    /// The slots of the usable keys.
    package var slots = SlotOutlook()
    /// `nil` while the breaker is closed.
    package var breaker: BreakerOutlook?
    /// What stops the run until it goes away, in any order.
    package var troubles: Set<RunTrouble> = []
    /// Since the command began.
    package var elapsed: Duration = .zero
    /// From an accepted POST to the finished file, as measured; `nil` before the first.
    package var typicalGeneration: Duration?
    /// Since the last POST of this batch; `nil` when that is not known.
    package var sinceLastPost: Duration?
    /// Jobs completed in a second; when `nil`, ``ProgressPrinter`` measures it from one snapshot to the next.
    package var completedPerSecond: Double?

    /// Knows nothing yet but what was typed.
    package init(source: String, out: String) {
        self.source = source
        self.out = out
    }

    /// Jobs that there will be in the end, as far as is known.
    package var total: Int {
        guard isSubmitting, let found else { return counts.total }
        return max(counts.total, found - refused)
    }

    /// What is left to do, the images that are no jobs yet included.
    package var remainingWork: RemainingWork {
        let unread = max(total - counts.total, 0)
        return RemainingWork(posts: counts.waiting + unread, running: counts.running, sinceLastPost: sinceLastPost)
    }

    /// How long the rest takes.
    package var estimate: CompletionEstimate {
        var slots = slots
        if isLimitedByMaximum { slots.quotaLeft = credits.left }
        return CompletionEstimate(remainingWork, slots: slots, typicalGeneration: typicalGeneration)
    }

    /// Whether `--max-credits` ends the run before the monthly limits do; a POST costs one credit.
    var isLimitedByMaximum: Bool {
        guard let left = credits.left else { return false }
        return slots.quotaLeft.map { left < $0 } ?? true
    }
}
