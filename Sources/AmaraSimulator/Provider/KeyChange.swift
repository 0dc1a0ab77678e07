/// What to change about a key while the simulator runs; `nil` leaves it.
package struct KeyChange: Sendable, Codable, Equatable {
    package var isDisabled: Bool?
    package var hasMeshgenScope: Bool?
    /// Credits per month; a negative number takes the limit away.
    package var monthlyLimit: Int?
    /// Credits used this month; 0 is what a new month does.
    package var monthlyUsed: Int?

    package init(
        isDisabled: Bool? = nil,
        hasMeshgenScope: Bool? = nil,
        monthlyLimit: Int? = nil,
        monthlyUsed: Int? = nil
    ) {
        self.isDisabled = isDisabled
        self.hasMeshgenScope = hasMeshgenScope
        self.monthlyLimit = monthlyLimit
        self.monthlyUsed = monthlyUsed
    }

    private enum CodingKeys: String, CodingKey {
        case isDisabled = "disabled"
        case hasMeshgenScope = "meshgen_scope"
        case monthlyLimit = "monthly_limit"
        case monthlyUsed = "monthly_used"
    }
}
