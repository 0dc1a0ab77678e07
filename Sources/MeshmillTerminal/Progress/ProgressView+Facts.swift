import MeshmillCore

extension ProgressView {
    /// Images read, speed, arrival, credits and keys: what is known of them.
    func facts(_ snapshot: RunSnapshot, now: LocalTime) -> [InkedText] {
        var parts: [InkedText] = []
        if snapshot.isSubmitting { parts.append(InkedText(Self.preparing(snapshot))) }
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

    /// How many images are read.
    static func preparing(_ snapshot: RunSnapshot) -> String {
        let prepared = Phrase.count(snapshot.prepared)
        guard let found = snapshot.found else { return "looking for images" }
        return "read \(prepared) of \(Phrase.count(found, "image"))"
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
        // An end cannot be foretold as long as something stands in the way that nobody knows the end of.
        guard snapshot.troubles.isEmpty else { return nil }
        switch snapshot.estimate {
        case .after(let duration):
            let clock = now.reading(after: duration).map { " (\($0))" } ?? ""
            return "ETA \(Phrase.roughly(duration))\(clock)"
        case .quotaShort(let missing): return "quota \(Phrase.count(missing)) short"
        case .noSlots, .unmeasured: return nil
        }
    }

    /// What is spent, what is set aside, and of how much.
    static func credits(_ credits: CreditUse) -> String {
        var text = Phrase.count(credits.used)
        if credits.reserved > 0 { text += " + \(Phrase.count(credits.reserved)) reserved" }
        if let maximum = credits.maximum { text += " of \(Phrase.count(maximum))" }
        text += " \(credits.used == 1 && credits.reserved == 0 && credits.maximum == nil ? "credit" : "credits")"
        if let remaining = credits.remaining { text += ", \(Phrase.count(remaining)) left" }
        return text
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
