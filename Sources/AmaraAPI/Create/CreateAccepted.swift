/// What a create answer with 200 says.
///
/// Source: the reference, "Create Generation".
package struct CreateAccepted: Sendable, Hashable {
    /// At most 200 characters of `A-Z a-z 0-9 . _ : -`.
    package let generationID: String
    /// `nil` when the answer did not say.
    package let creditsUsed: Int?
    /// What the org has left; `nil` when the answer did not say.
    package let creditsRemaining: Int?
    /// What this key used in its month; `nil` when the key has no monthly limit.
    package let keyMonthlyUsed: Int?
    /// The key's monthly limit; `nil` when it has none.
    package let keyMonthlyLimit: Int?

    package init(
        generationID: String,
        creditsUsed: Int? = nil,
        creditsRemaining: Int? = nil,
        keyMonthlyUsed: Int? = nil,
        keyMonthlyLimit: Int? = nil
    ) {
        self.generationID = generationID
        self.creditsUsed = creditsUsed
        self.creditsRemaining = creditsRemaining
        self.keyMonthlyUsed = keyMonthlyUsed
        self.keyMonthlyLimit = keyMonthlyLimit
    }
}
