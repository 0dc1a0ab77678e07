/// When POSTs may be sent, over all usable keys together.
package struct SlotOutlook: Sendable, Hashable {
    /// Slots that are free at this moment.
    package var freeNow: Int
    /// Until the next slot falls free; `nil` when that is not known, or when no key is usable.
    package var nextIn: Duration?
    /// How many slots fall free in a second in the long run: the sum of limit by window of the usable keys.
    package var perSecond: Double
    /// POSTs that the monthly limits still allow, over all usable keys; `nil` when nothing limits them.
    package var quotaLeft: Int?

    package init(freeNow: Int = 0, nextIn: Duration? = nil, perSecond: Double = 0, quotaLeft: Int? = nil) {
        self.freeNow = freeNow
        self.nextIn = nextIn
        self.perSecond = perSecond
        self.quotaLeft = quotaLeft
    }
}
