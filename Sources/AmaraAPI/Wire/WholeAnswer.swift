import NIOHTTP1

/// An answer that came whole, without the headers that carry no meaning here: for a provider that is called directly.
package struct WholeAnswer: Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    fileprivate var answer: HTTPAnswer { HTTPAnswer(status: status, headers: [:], body: body, end: .complete) }
}

extension CreateOutcome {
    /// Reads a whole answer to a POST, as one that came over HTTP is read.
    package init(_ answer: WholeAnswer) { self.init(answer.answer) }
}

extension StatusOutcome {
    /// Reads a whole answer to a poll, as one that came over HTTP is read.
    package init(_ answer: WholeAnswer, for generationID: String) {
        self.init(answer.answer, for: generationID)
    }
}
