/// A key, as the claim sees it.
package struct ForecastKey: Sendable {
    /// How far apart its POSTs are, beside what its slots allow.
    package enum WindowModel: String, Sendable {
        case slots, paced, strict
    }

    package var name: String
    /// Position in ``ForecastInput/orgs``.
    package var org: Int
    /// The pool's id.
    package var pool: Int64
    package var limit: Int
    package var window: Duration
    package var margin: Duration
    /// Slots that stay free for people.
    package var reserve: Int
    package var windowModel: WindowModel
    /// When each slot falls free; as many as ``limit``.
    package var slots: [Duration]
    /// No POST before: holds, the POST under way, the gap.
    package var blockedFor: Duration
    /// Credits of this month that are left; nil: no limit.
    package var monthlyLeft: Int?
    /// Credits of a whole month; nil: no limit.
    package var monthlyLimit: Int?
    /// When the month turns.
    package var monthTurnsIn: Duration

    package init(
        name: String,
        org: Int,
        pool: Int64,
        limit: Int,
        window: Duration,
        margin: Duration,
        reserve: Int = 0,
        windowModel: WindowModel = .slots,
        slots: [Duration]? = nil,
        blockedFor: Duration = .zero,
        monthlyLeft: Int? = nil,
        monthlyLimit: Int? = nil,
        monthTurnsIn: Duration = .seconds(30 * 86_400)
    ) {
        self.name = name
        self.org = org
        self.pool = pool
        self.limit = limit
        self.window = window
        self.margin = margin
        self.reserve = reserve
        self.windowModel = windowModel
        self.slots = slots ?? Array(repeating: .zero, count: limit)
        self.blockedFor = blockedFor
        self.monthlyLeft = monthlyLeft
        self.monthlyLimit = monthlyLimit
        self.monthTurnsIn = monthTurnsIn
    }
}

extension ForecastKey {
    /// The least time from an answer to the next POST beside the slots, as `meshmill.pace` has it; nil: none.
    package var gap: Duration? {
        let usable = limit - reserve
        return switch windowModel {
        case .slots: nil
        case .paced: window / max(usable, 1) + margin
        case .strict: (usable <= 1 ? window * 2 : window / (usable - 1)) + margin
        }
    }

    /// When it may send next: the slot that leaves the reserved ones free, its pace and its holds.
    package var readyAt: Duration {
        let slots = slots.sorted()
        return max(blockedFor, slots[min(reserve, slots.count - 1)])
    }
}
