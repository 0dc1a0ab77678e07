/// How many keys of the pool can be used, and why the others cannot.
package struct KeyOutlook: Sendable, Hashable {
    package var total: Int
    /// Keys that can send a POST as soon as they have a slot.
    package var usable: Int
    /// Keys that the provider refused.
    package var disabled: Int
    /// Keys whose month is used up.
    package var withoutQuota: Int
    /// Keys that a person paused.
    package var paused: Int
    /// Orgs, not keys, that have no credits left.
    package var orgsWithoutCredits: Int

    package init(
        total: Int = 0,
        usable: Int = 0,
        disabled: Int = 0,
        withoutQuota: Int = 0,
        paused: Int = 0,
        orgsWithoutCredits: Int = 0
    ) {
        self.total = total
        self.usable = usable
        self.disabled = disabled
        self.withoutQuota = withoutQuota
        self.paused = paused
        self.orgsWithoutCredits = orgsWithoutCredits
    }
}
