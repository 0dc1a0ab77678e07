extension Binding {
    /// One sentence without a full stop, safe for a terminal.
    package var sentence: String {
        switch self {
        case .trouble(.switchedOff): "submitting is switched off; to go on: meshmill start"
        case .trouble(.database(let cause)): "waiting for the database: \(OneLine.text(cause))"
        case .trouble(.storage(let cause)): "waiting for the disk: \(OneLine.text(cause))"
        case .noUsableKey(let keys): Self.noUsableKey(keys)
        case .maximumCredits(let maximum, let waiting):
            "--max-credits \(Phrase.count(maximum)) is reached with \(Phrase.count(waiting, "job")) waiting"
        case .breaker(let breaker): Self.breaker(breaker)
        case .windows(let nextIn?): "next slot in \(Phrase.watch(nextIn))"
        case .windows(nil): "waiting for a free slot"
        case .provider(let running): "the provider works on \(Phrase.count(running, "mesh", "meshes"))"
        case .preparing(found: nil): "looking for images"
        case .preparing: "reading and preparing images"
        }
    }

    private static func noUsableKey(_ keys: KeyOutlook) -> String {
        guard keys.total > 0 else { return "there are no keys; add some: meshmill keys import" }
        let reasons = [
            (keys.disabled, Phrase.count(keys.disabled) + " refused by the provider"),
            (keys.withoutQuota, Phrase.count(keys.withoutQuota) + " used up for this month"),
            (keys.paused, Phrase.count(keys.paused) + " paused"),
            (keys.orgsWithoutCredits, Phrase.count(keys.orgsWithoutCredits, "org") + " out of credits"),
        ].filter { $0.0 > 0 }.map(\.1)
        let cause = reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", ")
        return "none of \(Phrase.count(keys.total, "key")) can be used\(cause)"
    }

    private static func breaker(_ breaker: BreakerOutlook) -> String {
        let reason = breaker.reason.map { " (\(OneLine.text($0)))" } ?? ""
        let probe = breaker.probeIn.map { "; next probe in \(Phrase.watch($0))" } ?? ""
        return "the provider has trouble\(reason)\(probe)"
    }
}
