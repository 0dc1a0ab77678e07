import ArgumentParser
import MeshmillCore
import MeshmillStore

/// The settings of a key that `keys add` and `keys set` share.
struct KeySettingOptions: ParsableArguments {
    @Option(help: "The account whose credits it spends. (default: its own, named like the key)")
    var org: String?

    @Option(help: "The pool whose tenants may use it. (default: default)")
    var pool: String?

    @Option(help: "Our cap of credits a month, or none.")
    var monthlyLimit: MonthlyLimit?

    @Option(help: "Creations per window. (default: 5)")
    var rateLimit: Int?

    @Option(help: "The provider's window, such as 15m, 6s or 900. (default: 15m)")
    var rateWindow: LengthOfTime?

    @Option(help: "Slots kept free for people who use the key elsewhere. (default: 0)")
    var reserveSlots: Int?

    func validate() throws {
        for (option, name) in [("--org", org), ("--pool", pool)] {
            guard let name, !KeyLimits.isName(name) else { continue }
            throw ValidationError("\(option) is empty, too long, or not visible")
        }
        guard rateLimit.map(KeyLimits.rateLimits.contains) ?? true else {
            throw ValidationError("--rate-limit \(rateLimit ?? 0) is not within 1 to 1000")
        }
        guard rateWindow.map({ KeyLimits.rateWindows.contains($0.duration) }) ?? true else {
            throw ValidationError("--rate-window is not within 0.1s to 31d")
        }
        guard (0..<KeyLimits.rateLimits.upperBound).contains(reserveSlots ?? 0) else {
            throw ValidationError("--reserve-slots \(reserveSlots ?? 0) is not within 0 to 999")
        }
    }

    /// A key with these settings, as a key file would give it.
    func row(name: String?, secret: Secret, usedRecently: Bool) -> KeyFileRow {
        KeyFileRow(
            line: 1,
            secret: secret,
            name: name,
            org: org,
            pool: pool,
            monthlyLimit: monthlyLimit?.credits,
            rateLimit: rateLimit,
            rateWindow: rateWindow?.duration,
            reserveSlots: reserveSlots,
            usedRecently: usedRecently
        )
    }

    /// These settings as changes of a key that is there.
    func changes(name: String?) -> ChangeKey.Changes {
        var changes = ChangeKey.Changes()
        changes.name = name
        changes.org = org
        changes.pool = pool
        changes.rateLimit = rateLimit
        changes.rateWindow = rateWindow?.duration
        changes.reserveSlots = reserveSlots
        changes.monthlyLimit = monthlyLimit.map { $0.credits.map(ChangeKey.Changes.MonthlyLimit.credits) ?? .none }
        return changes
    }
}
