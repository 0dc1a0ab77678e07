import MeshmillCore
import MeshmillStore

/// Whether a run goes on, and if not, why: decided from one moment's outlook and how long nothing could be sent.
enum RunVerdict: Equatable {
    case goesOn
    /// Nothing is left to do.
    case finished
    /// It gives up with this exit, for this reason.
    case stops(Exit, String)
    /// Its batch may spend no more; the reason.
    case capped(String)

    /// Decides.
    ///
    /// - Parameters:
    ///   - counts: the batch's jobs.
    ///   - outlook: keys, credits and what else binds.
    ///   - isSubmitting: whether images are still being prepared.
    ///   - failedProbes: how often the open breaker stayed open while this run watched.
    ///   - starvedFor: how long no key could be used for want of credits or quota.
    ///   - maxWait: how long that may last.
    init(
        _ counts: JobCounts,
        _ outlook: ReadRunOutlook.Row,
        isSubmitting: Bool,
        failedProbes: Int,
        starvedFor: Duration,
        maxWait: Duration
    ) {
        if counts.running > 0 || isSubmitting && counts.waiting == 0 {
            self = .goesOn
        } else if counts.waiting == 0 {
            self = .finished
        } else if outlook.keys > 0, outlook.disabledKeys == outlook.keys - outlook.pausedKeys, outlook.disabledKeys > 0
        {
            self = .stops(
                .keysRefused,
                "the provider refused every key (\(outlook.disabledKeys)); see meshmill keys list for why, then bring "
                    + "each back with: meshmill keys resume NAME"
            )
        } else if outlook.breakerIsOpen, failedProbes > 0, outlook.usableKeys > 0,
            outlook.refusedKeys == outlook.usableKeys
        {
            // Too many at once for each to be at fault, and a probe since then was refused as well.
            self = .stops(
                .keysRefused,
                "the provider refuses every key (\(outlook.breakerReason ?? "401 or 403")); none was benched: when it is "
                    + "mended there, run it again, or replace the keys with: meshmill keys add"
            )
        } else if let maximum = outlook.maximum, outlook.used + outlook.reserved >= maximum {
            self = .capped(
                "--max-credits \(maximum) is used up; raise it to go on with the \(counts.waiting) jobs that wait"
            )
        } else if Self.isStarved(outlook), starvedFor >= maxWait {
            self = .stops(
                .outOfCredits,
                "no key has credits or quota left, after waiting \(DurationText.format(maxWait)); run it again later"
            )
        } else {
            self = .goesOn
        }
    }

    /// Whether no key can be used, and credits or quota are why.
    static func isStarved(_ outlook: ReadRunOutlook.Row) -> Bool {
        outlook.usableKeys == 0 && outlook.keysWithoutQuota + outlook.orgsWithoutCredits > 0
    }
}
