/// A line, or a part of one, in several inks.
package struct InkedText: Sendable, Hashable {
    private struct Piece: Sendable, Hashable {
        var text: String
        var ink: Ink
    }

    private var pieces: [Piece] = []

    /// Nothing.
    package init() {}

    /// A text in one ink; it holds no controls.
    package init(_ text: String, _ ink: Ink = .plain) {
        append(text, ink)
    }

    /// Columns on a terminal.
    package var width: Int { pieces.reduce(0) { $0 + DisplayWidth.of($1.text) } }
    /// Whether there is nothing to show.
    package var isEmpty: Bool { pieces.isEmpty }
    /// The text without its inks.
    package var text: String { pieces.map(\.text).joined() }

    /// Puts a text behind the others.
    package mutating func append(_ text: String, _ ink: Ink = .plain) {
        guard !text.isEmpty else { return }
        pieces.append(Piece(text: text, ink: ink))
    }

    /// Joins two.
    package static func + (left: InkedText, right: InkedText) -> InkedText {
        var sum = left
        sum.pieces += right.pieces
        return sum
    }

    /// The first columns, ending in `…` where something is cut off.
    package func fitted(columns: Int) -> InkedText {
        guard width > columns else { return self }
        var fitted = InkedText()
        var rest = columns
        for piece in pieces {
            let width = DisplayWidth.of(piece.text)
            // A piece that just fits has more behind it, since the whole does not fit.
            guard width >= rest else {
                fitted.append(piece.text, piece.ink)
                rest -= width
                continue
            }
            fitted.append(
                width == rest
                    ? FittedText.end(piece.text + " ", columns: rest)
                    : FittedText.end(piece.text, columns: rest),
                piece.ink
            )
            break
        }
        return fitted
    }

    /// The text with the escapes of its inks, or without any.
    package func rendered(inColour: Bool) -> String {
        guard inColour else { return text }
        return pieces.map { piece in
            guard let code = piece.ink.code else { return piece.text }
            return "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
        }.joined()
    }
}
