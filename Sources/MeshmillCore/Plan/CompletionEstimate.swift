/// How long the rest of the work takes, or why nobody can say.
package enum CompletionEstimate: Sendable, Hashable {
    /// The last job should end after this time; zero when nothing is left.
    case after(Duration)
    /// The monthly limits end before the work does; so many POSTs are one too many.
    case quotaShort(by: Int)
    /// No slot ever falls free, because no key is usable.
    case noSlots
    /// No generation has ended yet, so nobody knows how long one takes.
    case unmeasured

    /// The longest time that is estimated; what takes longer is said to take this long.
    package static let longest: Duration = .seconds(10 * 366 * 86_400)

    /// Estimates from the slots, and from how long a generation usually takes.
    ///
    /// The POSTs take the slots that are free, then wait for the next one, then come as fast as slots fall free in the
    /// long run; after the last POST comes one typical generation. Retries are not foreseen.
    ///
    ///     10 posts, 4 slots free, next in 30 s, then 1 in 60 s, 2 min a generation
    ///     // 30 s + 5 · 60 s + 120 s = 7 min 30 s
    ///
    /// `typicalGeneration` is from an accepted POST to the finished file, as measured; `nil` before the first.
    package init(_ work: RemainingWork, slots: SlotOutlook, typicalGeneration: Duration?) {
        guard work.posts > 0 || work.running > 0 else {
            self = .after(.zero)
            return
        }
        if let quota = slots.quotaLeft, quota < work.posts {
            self = .quotaShort(by: work.posts - max(quota, 0))
            return
        }
        guard let lastPost = Self.untilLastPost(work.posts, slots: slots) else {
            self = .noSlots
            return
        }
        guard let typicalGeneration else {
            self = .unmeasured
            return
        }
        // With no POST to come, the youngest generation has already done a part of its time.
        let past = work.posts == 0 ? work.sinceLastPost ?? .zero : .zero
        let seconds = lastPost + max(typicalGeneration - past, .zero).seconds
        self = .after(.seconds(min(seconds, Self.longest.seconds)))
    }

    /// The estimated time; `nil` when there is none.
    package var duration: Duration? {
        if case .after(let duration) = self { duration } else { nil }
    }

    /// In seconds; `nil` when the last POST is never sent.
    private static func untilLastPost(_ posts: Int, slots: SlotOutlook) -> Double? {
        let beyondFree = posts - max(slots.freeNow, 0)
        guard beyondFree > 0 else { return 0 }
        let slotsPerSecond = slots.perSecond.isFinite ? slots.perSecond : 0
        guard let nextIn = slots.nextIn else {
            return slotsPerSecond > 0 ? Double(beyondFree) / slotsPerSecond : nil
        }
        let first = max(nextIn.seconds, 0)
        guard beyondFree > 1 else { return first }
        return slotsPerSecond > 0 ? first + Double(beyondFree - 1) / slotsPerSecond : nil
    }
}

extension Duration {
    fileprivate var seconds: Double { self / .seconds(1) }
}
