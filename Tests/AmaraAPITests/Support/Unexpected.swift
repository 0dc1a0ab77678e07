/// An outcome that a test did not expect, so that its report says which.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ outcome: some Sendable) {
        description = "unexpected: \(outcome)"
    }
}
