import Glibc
import MeshmillTerminal

/// Questions before something is spent or lost.
enum Confirmation {
    /// Asks a question that wants a yes; anything else is a no.
    ///
    /// - Throws: ``Failure`` with exit 75 on a no: nothing was changed.
    static func ask(_ question: String) throws {
        Messages.write(Array("\(OneLine.text(question)) [y/N] ".utf8))
        let answer = (readLine(strippingNewline: true) ?? "").lowercased()
        guard answer == "y" || answer == "yes" else { throw Failure(.interrupted, "nothing was changed") }
    }

    /// Asks before something is lost, unless `--yes` was given; where nobody can be asked, `--yes` must be.
    static func beforeLoss(_ question: String, isConfirmed: Bool) throws {
        if isConfirmed { return }
        guard Terminal.canAsk else {
            throw Failure(.usage, "\(question) Say --yes, since nobody can be asked here")
        }
        try ask(question)
    }
}
