import MeshmillSubmission
import MeshmillTerminal
import Synchronization

/// Shows on standard error how a submission gets on.
///
/// One line that is overwritten on a terminal, else a plain one now and then; each refused image gets its own.
final class SubmissionProgress: Sendable {
    /// Refusals that are shown; beyond that the report counts them.
    private static let maximumRefusals = 1_000

    private struct State {
        var found = 0
        var prepared = 0
        var queued = 0
        var refused = 0
        var shownAt: ContinuousClock.Instant?
        /// Whether the terminal's last line is ours to overwrite.
        var hasLine = false
    }

    private let isTerminal = Terminal.messagesAreTerminal
    private let state = Mutex(State())

    /// Takes in one step.
    func show(_ event: SubmissionEvent) {
        state.withLock { state in
            switch event {
            case .surveyed(let survey):
                state.found = survey.found
                if survey.found == 0 { line("no images found", &state) }
            case .prepared: state.prepared += 1
            case .refused(let refusal):
                state.refused += 1
                switch state.refused {
                case ...Self.maximumRefusals: line(refusal.description, &state)
                case Self.maximumRefusals + 1: line("… more refusals are only counted from here", &state)
                default: break
                }
            case .queued(let report):
                state.queued =
                    report.submitted + report.requeued + report.replaced + report.existing + report.duplicates
            case .paused(let reason): line("paused: \(reason)", &state)
            case .resumed: line("goes on", &state)
            }
            update(&state)
        }
    }

    /// Removes the line that is overwritten.
    func end() {
        state.withLock { clear(&$0) }
    }

    private func update(_ state: inout State) {
        let now = ContinuousClock.now
        guard let shownAt = state.shownAt else {
            state.shownAt = now
            return
        }
        guard now - shownAt >= (isTerminal ? .milliseconds(100) : .seconds(10)) else { return }
        state.shownAt = now
        let text = "prepared \(state.prepared) of \(state.found), queued \(state.queued)"
        if isTerminal {
            Messages.write(Array("\r\u{1B}[K\(text)".utf8))
            state.hasLine = true
        } else {
            Messages.line(text)
        }
    }

    private func line(_ text: String, _ state: inout State) {
        clear(&state)
        Messages.line(OneLine.text(text))
    }

    private func clear(_ state: inout State) {
        guard state.hasLine else { return }
        Messages.write(Array("\r\u{1B}[K".utf8))
        state.hasLine = false
    }
}
