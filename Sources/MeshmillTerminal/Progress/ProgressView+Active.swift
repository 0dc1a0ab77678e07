import MeshmillCore

extension ProgressView {
    private static let meterColumns = 12
    /// The longest name on a wide terminal, so that the eye finds what belongs to it.
    private static let maximumNameColumns = 56

    /// One generation: its image, how far it is, and what the provider says of it.
    func active(_ generation: ActiveGeneration, columns: Int) -> InkedText {
        let status = status(of: generation, columns: columns)
        let meter = meter(generation.percent, columns: columns)
        let room = columns - 3 - meter.width - Self.statusColumns(columns) - 2
        let nameColumns = min(max(room, 8), Self.maximumNameColumns)
        let name = FittedText.middle(OneLine.text(generation.source), columns: nameColumns)
        let space = String(repeating: " ", count: nameColumns - DisplayWidth.of(name) + 2)
        return InkedText("   " + name + space) + meter + InkedText(status, .faint)
    }

    private static func statusColumns(_ columns: Int) -> Int { columns >= 60 ? 20 : 12 }

    /// A small bar and the percentage, or the room for it.
    private func meter(_ percent: Double?, columns: Int) -> InkedText {
        let hasBar = columns >= 60
        guard let percent, percent.isFinite else {
            return InkedText(String(repeating: " ", count: hasBar ? Self.meterColumns + 6 : 6))
        }
        let share = min(max(percent / 100, 0), 1)
        let digits = "\(Int(share * 100))"
        let number = InkedText(String(repeating: " ", count: 4 - digits.count) + digits + "% ")
        return hasBar ? ProgressBar(good: share).text(columns: Self.meterColumns, style: style) + number : number
    }

    private func status(of generation: ActiveGeneration, columns: Int) -> String {
        switch generation.state {
        case .submitting: return "submitting"
        case .downloading: return "downloading"
        case .generating:
            if let position = generation.queuePosition, position > 1 {
                return "place \(Phrase.count(position))" + (columns >= 60 ? " in line" : "")
            }
            return generation.step.map { OneLine.text($0) } ?? "generating"
        case .scheduled, .queued, .completed, .failed, .cancelled, .held: return generation.state.rawValue
        }
    }
}
