package import AmaraAPI

/// One request as the simulator saw it; never holds a secret.
package struct RequestRecord: Sendable, Codable, Equatable {
    /// Number of the record, from 1; zero until it is logged.
    package var sequence = 0
    /// When the request was decided on, in microseconds of real time since the start.
    package var timeMicroseconds: Int64
    package var kind: RequestKind
    /// Name of the key; `nil` for an unknown token and for signed URLs.
    package var key: String?
    /// Status that was sent; `nil` when the connection was closed without an answer.
    package var status: Int?
    package var code: ErrorCode?
    /// The generation that was made or asked for.
    package var generationID: String?
    package var imageSHA256: String?
    /// ``GenerationRequest/fingerprint`` of a POST whose body was in order.
    package var fingerprint: String?
    /// Whether the POST counts in the key's window; `nil` for other requests.
    package var isCounted: Bool?
    /// Requests in the key's window after this POST.
    package var windowUsed: Int?
    /// Whether the POST made a generation, whatever was answered; `nil` for other requests.
    package var isAccepted: Bool?
    /// How the new generation ends, and when, in microseconds since the start.
    package var outcome: Generation.Outcome?
    package var endsMicroseconds: Int64?
    /// Whether a whole file was sent; `nil` where none was asked for.
    package var isDelivered: Bool?
    /// The fault that was played, if any.
    package var fault: String?

    init(_ kind: RequestKind, at now: Duration) {
        timeMicroseconds = now.inMicroseconds
        self.kind = kind
    }

    private enum CodingKeys: String, CodingKey {
        case sequence, kind, key, status, code, fingerprint, outcome, fault
        case timeMicroseconds = "time_us"
        case generationID = "generation_id"
        case imageSHA256 = "image_sha256"
        case isCounted = "counted"
        case windowUsed = "window_used"
        case isAccepted = "accepted"
        case endsMicroseconds = "ends_us"
        case isDelivered = "delivered"
    }
}
