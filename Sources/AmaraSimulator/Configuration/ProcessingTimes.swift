package import AmaraAPI

/// How long the backend works on a generation, by mode.
///
/// Source of the defaults: the reference, "Generation Modes".
package struct ProcessingTimes: Sendable, Equatable {
    package var fast: ClosedRange<Duration> = .seconds(30) ... .seconds(120)
    package var standard: ClosedRange<Duration> = .seconds(120) ... .seconds(240)
    package var detailed: ClosedRange<Duration> = .seconds(240) ... .seconds(480)

    package init() {}

    /// The same time range for every mode.
    package init(all range: ClosedRange<Duration>) {
        fast = range
        standard = range
        detailed = range
    }

    package subscript(mode: GenerationMode) -> ClosedRange<Duration> {
        switch mode {
        case .fast: fast
        case .standard: standard
        case .detailed: detailed
        }
    }

    func mapped(_ change: (Duration) -> Duration) -> ProcessingTimes {
        func map(_ range: ClosedRange<Duration>) -> ClosedRange<Duration> {
            change(range.lowerBound)...change(range.upperBound)
        }
        var times = self
        times.fast = map(fast)
        times.standard = map(standard)
        times.detailed = map(detailed)
        return times
    }
}
