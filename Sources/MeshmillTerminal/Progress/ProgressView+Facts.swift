import MeshmillCore

extension ProgressView {
    /// Images read, speed, arrival, credits and keys: what is known of them.
    func facts(_ snapshot: RunSnapshot, now: LocalTime) -> [InkedText] {
        var parts: [InkedText] = []
        if let read = Self.read(snapshot) { parts.append(InkedText(read)) }
        if let rate = Self.rate(snapshot.completedPerSecond) { parts.append(InkedText(rate)) }
        if let arrival = Self.arrival(snapshot, now: now) { parts.append(InkedText(arrival)) }
        parts.append(InkedText(Self.credits(snapshot.credits)))
        if snapshot.keys.total > 0 {
            let all = Phrase.count(snapshot.keys.total, "key")
            let isShort = snapshot.keys.usable < snapshot.keys.total
            parts.append(InkedText(isShort ? "\(Phrase.count(snapshot.keys.usable)) of \(all) usable" : all, .faint))
        }
        return parts
    }

    /// How many images are read; `nil` when none is, or all are.
    static func read(_ snapshot: RunSnapshot) -> String? {
        guard snapshot.isSubmitting, let found = snapshot.found else { return nil }
        return "read \(Phrase.count(snapshot.prepared)) of \(Phrase.count(found, "image"))"
    }

    /// Meshes in an hour; `nil` when that is not known.
    static func rate(_ perSecond: Double?) -> String? {
        guard let perSecond, perSecond.isFinite, perSecond > 0 else { return nil }
        let perHour = min(perSecond * 3_600, 1e9)
        let number = perHour < 9.95 ? "\(Double((perHour * 10).rounded()) / 10)" : Phrase.count(Int(perHour.rounded()))
        return "\(number) meshes/h"
    }

    /// When the last job should end, or why that is not known; `nil` when nothing is left or it is too early to say.
    static func arrival(_ snapshot: RunSnapshot, now: LocalTime) -> String? {
        let work = snapshot.remainingWork
        guard work.posts > 0 || work.running > 0 else { return nil }
        // Nothing can be foretold while images are counted, or while something is in the way that may stay for long.
        guard snapshot.found != nil || !snapshot.isSubmitting, Binding(snapshot)?.needsAttention != true else {
            return nil
        }
        switch snapshot.estimate {
        case .after(let duration):
            let clock = now.reading(after: duration).map { " (\($0))" } ?? ""
            return "ETA \(Phrase.roughly(duration))\(clock)"
        case .quotaShort(let missing):
            let limit = snapshot.isLimitedByMaximum ? "--max-credits" : "this month's quota"
            return "\(Phrase.count(missing, "mesh", "meshes")) beyond \(limit)"
        case .noSlots, .unmeasured: return nil
        }
    }

    /// What is spent, what is set aside, and of how much.
    static func credits(_ credits: CreditUse) -> String {
        let spent =
            credits.maximum.map { "\(Phrase.count(credits.used)) of \(Phrase.count($0, "credit"))" }
            ?? Phrase.count(credits.used, "credit")
        var remarks: [String] = []
        if credits.reserved > 0 { remarks.append("\(Phrase.count(credits.reserved)) reserved") }
        if let remaining = credits.remaining { remarks.append("\(Phrase.count(remaining)) left") }
        return remarks.isEmpty ? spent : "\(spent) (\(remarks.joined(separator: ", ")))"
    }

    /// What binds, and every trouble beside it.
    func limits(_ snapshot: RunSnapshot, columns: Int) -> [InkedText] {
        let first = Binding(snapshot)
        let others = snapshot.troubles.sorted { $0.rank < $1.rank }.map { Binding.trouble($0) }.filter { $0 != first }
        let limits = (first.map { [$0] } ?? []) + others
        return limits.flatMap { limit in
            let sign = limit.needsAttention ? "!" : style.hasSymbols ? "▸" : ">"
            return Self.wrapped("\(sign) \(limit.sentence)", columns: columns)
        }
    }

    /// A sentence on at most two lines.
    private static func wrapped(_ sentence: String, columns: Int) -> [InkedText] {
        guard DisplayWidth.of(sentence) + 1 > columns else { return [InkedText(" " + sentence, .warning)] }
        var first = ""
        var rest = sentence.split(separator: " ", omittingEmptySubsequences: false)[...]
        while let word = rest.first, DisplayWidth.of(first) + DisplayWidth.of(String(word)) + 1 <= columns {
            first += " " + word
            rest = rest.dropFirst()
        }
        let second = "   " + rest.joined(separator: " ")
        return [InkedText(first, .warning), InkedText(second, .warning)]
            .filter { !$0.isEmpty }
    }
}
