/// What a survey found out about names that later readings of the same sources have to stick to.
struct NameDecisions: Sendable, Equatable {
    /// Images whose rows get outputs of their own.
    var variants = Variants.none
    /// Outputs that go to whichever source can be an image.
    var contested = ContestedOutputs()
}
