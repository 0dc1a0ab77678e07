/// Why a POST's body was refused with a 400.
package enum RequestProblem: Error, Sendable, Equatable {
    /// The body is no JSON object, or a field is missing or out of range.
    ///
    /// The reference has no code for this, so the answer carries none.
    case body(String)
    /// The image is too large, of another format, or corrupt: `IMAGE_VALIDATION_ERROR`.
    case image(String)

    /// The sentence for the `error` field.
    package var message: String {
        switch self {
        case .body(let message), .image(let message): message
        }
    }
}
