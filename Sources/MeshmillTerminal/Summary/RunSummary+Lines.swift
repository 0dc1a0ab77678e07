extension RunSummary {
    /// The summary: how it ended, the numbers, where the files are, and the commands to go on with.
    ///
    /// The name of the folder is cut to `width`; reasons and commands never are, since they are there to be read and
    /// copied.
    package func lines(width: Int, style: TerminalStyle) -> [String] {
        let columns = max(width, 1)
        var lines = [headline]
        lines += Layout.flow(numbers, columns: columns, indent: 2)
        if made + alreadyThere > 0 {
            let out = FittedText.middle(OneLine.text(out), columns: max(columns - 13, 8))
            lines.append(InkedText("  meshes in ", .faint) + InkedText(out))
        }
        for step in nextSteps {
            let purpose = InkedText("  \(step.purpose):", .faint)
            let command = InkedText(step.command, .strong)
            if purpose.width + 1 + command.width <= columns {
                lines.append(purpose + InkedText(" ") + command)
            } else {
                lines += [purpose, InkedText("    ") + command]
            }
        }
        return lines.map { $0.rendered(inColour: style.hasColour) }
    }

    private var headline: InkedText {
        let meshes = Phrase.count(made, "mesh", "meshes")
        let time = " in \(Phrase.spent(elapsed))"
        switch ending {
        case .finished where made + failed + held + cancelled + left + refused == 0 && conflicts > 0:
            return InkedText("Nothing was done: see the outputs that are taken", .bad)
        case .finished where made + failed + held + cancelled + left + refused == 0:
            if missing > 0 {
                let gone = "\(Phrase.count(missing, "mesh", "meshes")) of \(Phrase.count(alreadyThere))"
                return InkedText(
                    "Nothing to do: every mesh was made, but \(gone) \(missing == 1 ? "is" : "are") gone",
                    .warning
                )
            }
            if alreadyThere > 0 { return InkedText("Nothing to do: every mesh is already there", .good) }
            let others = ignored > 0 ? " (\(Phrase.count(ignored, "file")) of other kinds)" : ""
            return InkedText("Nothing to do: no images found\(others)", .warning)
        case .finished:
            let isClean = failed + held + cancelled + refused + conflicts == 0
            return InkedText("Made \(meshes)\(time)", isClean ? .good : .strong)
        case .interrupted:
            return InkedText("Interrupted after \(Phrase.spent(elapsed)): made \(meshes)", .warning)
        case .stopped(let reason), .capped(let reason):
            let stop = InkedText("Stopped: \(OneLine.text(reason))", .warning)
            return stop + InkedText("; made \(meshes)\(time)")
        }
    }

    private var numbers: [InkedText] {
        let counts: [(number: Int, name: String, ink: Ink)] = [
            (alreadyThere, "already there", .plain), (failed, "failed", .bad),
            (held, "held", .warning), (cancelled, "cancelled", .plain), (left, "left to do", .warning),
            (refused, refused == 1 ? "input refused" : "inputs refused", .warning),
            (conflicts, conflicts == 1 ? "output taken" : "outputs taken", .bad),
        ]
        let parts = counts.filter { $0.number > 0 }.map { InkedText("\(Phrase.count($0.number)) \($0.name)", $0.ink) }
        return parts + [InkedText(Phrase.count(creditsSpent, "credit") + " spent")]
    }

    private var nextSteps: [(purpose: String, command: String)] {
        var steps: [(purpose: String, command: String)] = []
        if case .capped = ending {
            let raised = commandWithoutCap + ["--max-credits", "MORE"]
            steps.append(("raise its --max-credits to go on", ShellCommand.text(raised)))
        } else if ending != .finished || left > 0 {
            steps.append(("run the same command again to go on", ShellCommand.text(command)))
        }
        guard let batchID else { return steps }
        if missing > 0 {
            steps.append(("see which are gone", "meshmill audit --files"))
            steps.append(("make them again, for a credit each, in another folder", "meshmill run … --out NEW"))
        }
        if failed > 0 {
            steps.append(("see why they failed", "meshmill jobs list --batch \(batchID) --status failed"))
            steps.append(("try them again", "meshmill batches retry \(batchID)"))
        }
        if held > 0 { steps.append(("see what is held", "meshmill jobs list --batch \(batchID) --status held")) }
        return steps
    }

    /// The command's words but for `--max-credits` and its value.
    private var commandWithoutCap: [String] {
        var words: [String] = []
        var isValue = false
        for word in command {
            if !isValue, word != "--max-credits", !word.hasPrefix("--max-credits=") { words.append(word) }
            isValue = word == "--max-credits"
        }
        return words
    }
}
