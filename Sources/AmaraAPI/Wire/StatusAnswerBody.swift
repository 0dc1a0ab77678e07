/// The body of a status answer with 200: the fields of all four statuses.
///
/// Source: the reference, "Check Status".
struct StatusAnswerBody: WireBody {
    let generationID: Lenient<String>?
    let status: Lenient<String>?
    let queuePosition: Lenient<Int>?
    let totalInQueue: Lenient<Int>?
    let progress: Lenient<Double>?
    let currentStep: Lenient<String>?
    let glbURL: Lenient<String>?
    let thumbnailURL: Lenient<String>?
    let assetName: Lenient<String>?
    let expiresIn: Lenient<Double>?
    let error: Lenient<String>?
    let creditsRefunded: Lenient<Bool>?

    private enum CodingKeys: String, CodingKey {
        case generationID = "generation_id"
        case status
        case queuePosition = "queue_position"
        case totalInQueue = "total_in_queue"
        case progress
        case currentStep = "current_step"
        case glbURL = "glb_url"
        case thumbnailURL = "thumbnail_url"
        case assetName = "asset_name"
        case expiresIn = "expires_in"
        case error
        case creditsRefunded = "credits_refunded"
    }
}
