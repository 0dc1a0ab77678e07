/// Numbers and lengths of time as people read them in passing.
package enum Phrase {
    /// Groups of three digits.
    ///
    ///     Phrase.count(1_204_000)  // "1,204,000"
    package static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// A number and its noun; the plural is the singular with an `s`, unless it is given.
    ///
    ///     Phrase.count(1, "mesh", "meshes")  // "1 mesh"
    package static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? singular : plural ?? singular + "s")"
    }

    /// What a watch shows, rounded up, so that it reaches 00:00 only when the time has come.
    ///
    ///     Phrase.watch(.seconds(192))    // "03:12"
    ///     Phrase.watch(.seconds(3_792))  // "1:03:12"
    package static func watch(_ duration: Duration) -> String {
        let seconds = wholeSeconds(duration, .up)
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
        let end = "\(twoDigits(minutes)):\(twoDigits(seconds % 60))"
        return hours > 0 ? "\(hours):\(end)" : end
    }

    /// As exact as a forecast can be: two units at most.
    ///
    ///     Phrase.roughly(.seconds(40))      // "under a minute"
    ///     Phrase.roughly(.seconds(17_460))  // "4 h 51 min"
    ///     Phrase.roughly(.seconds(273_600)) // "3 d 4 h"
    package static func roughly(_ duration: Duration) -> String {
        let minutes = (wholeSeconds(duration, .toNearestOrAwayFromZero) + 30) / 60
        switch minutes {
        case 0: return "under a minute"
        case 1..<60: return "\(minutes) min"
        case 60..<1_440: return "\(minutes / 60) h" + (minutes % 60 > 0 ? " \(minutes % 60) min" : "")
        default:
            let hours = (minutes + 30) / 60
            return "\(count(hours / 24)) d" + (hours % 24 > 0 ? " \(hours % 24) h" : "")
        }
    }

    /// How long something took: seconds, too, as long as they matter.
    ///
    ///     Phrase.spent(.seconds(42))  // "42 s"
    ///     Phrase.spent(.seconds(192)) // "3 min 12 s"
    package static func spent(_ duration: Duration) -> String {
        let seconds = wholeSeconds(duration, .toNearestOrAwayFromZero)
        guard seconds < 3_600 else { return roughly(duration) }
        guard seconds >= 60 else { return "\(seconds) s" }
        return "\(seconds / 60) min" + (seconds % 60 > 0 ? " \(seconds % 60) s" : "")
    }

    /// With a leading zero where it has one digit.
    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func wholeSeconds(_ duration: Duration, _ rule: FloatingPointRoundingRule) -> Int {
        let seconds = duration / .seconds(1)
        return seconds > 0 ? Int(min(seconds, 1e12).rounded(rule)) : 0
    }
}
