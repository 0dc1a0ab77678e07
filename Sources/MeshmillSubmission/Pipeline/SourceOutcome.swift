/// What the content of a source came to.
enum SourceOutcome: Sendable, Equatable {
    /// Prepared and stored; the flag tells whether that had been done before this run.
    case input(KnownInput, wasKnown: Bool)
    /// No image that can be submitted, in words that follow its name.
    case refused(String)

    var isInput: Bool {
        if case .input = self { true } else { false }
    }
}
