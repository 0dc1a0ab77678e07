/// What a piece of text is, which decides its colour.
package enum Ink: Sendable, Hashable {
    case plain
    /// Less important than its neighbours.
    case faint
    /// What is looked for first.
    case strong
    /// What was made.
    case good
    /// What failed.
    case bad
    /// What limits now, and what wants a look.
    case warning

    /// The parameter of SGR, or `nil` for plain.
    ///
    /// Source: ECMA-48, 8.3.117.
    var code: Int? {
        switch self {
        case .plain: nil
        case .faint: 2
        case .strong: 1
        case .good: 32
        case .bad: 31
        case .warning: 33
        }
    }
}
