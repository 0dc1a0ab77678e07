import Glibc

/// A time of day where the reader is.
package struct LocalTime: Sendable, Hashable {
    /// Seconds since midnight, 0 to 86,400.
    package var secondOfDay: Int

    package init(secondOfDay: Int) {
        self.secondOfDay = secondOfDay
    }

    /// The time of day now, in the zone of this process (`TZ`).
    package static func now() -> LocalTime {
        var instant = time(nil)
        var parts = tm()
        localtime_r(&instant, &parts)
        return LocalTime(secondOfDay: (Int(parts.tm_hour) * 60 + Int(parts.tm_min)) * 60 + Int(parts.tm_sec))
    }

    /// The time of day after a while; `nil` from the day after tomorrow on, when a time of day says little.
    ///
    ///     LocalTime(secondOfDay: 79_200).reading(after: .seconds(3_600))   // "23:00"
    ///     LocalTime(secondOfDay: 79_200).reading(after: .seconds(10_800))  // "tomorrow 01:00"
    ///
    /// A change to or from summer time on the way is not seen.
    package func reading(after duration: Duration) -> String? {
        let seconds = duration / .seconds(1)
        guard seconds < 172_800 else { return nil }
        let minutes = (secondOfDay + Int(max(seconds, 0).rounded())) / 60
        let clock = "\(Phrase.twoDigits(minutes / 60 % 24)):\(Phrase.twoDigits(minutes % 60))"
        switch minutes / 1_440 {
        case 0: return clock
        case 1: return "tomorrow \(clock)"
        default: return nil
        }
    }
}
