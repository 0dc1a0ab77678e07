/// The body of a create answer with 200.
///
/// Source: the reference, "Create Generation".
struct CreateAnswerBody: WireBody {
    let generationID: Lenient<String>?
    let creditsUsed: Lenient<Int>?
    let creditsRemaining: Lenient<Int>?
    let keyMonthlyUsed: Lenient<Int>?
    let keyMonthlyLimit: Lenient<Int>?

    private enum CodingKeys: String, CodingKey {
        case generationID = "generation_id"
        case creditsUsed = "credits_used"
        case creditsRemaining = "credits_remaining"
        case keyMonthlyUsed = "key_monthly_used"
        case keyMonthlyLimit = "key_monthly_limit"
    }
}
