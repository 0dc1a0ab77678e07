/// Measures how fast jobs complete, over the last quarter of an hour.
///
/// Slots fall free in bursts, one burst a window; over less than a window the rate would jump up and down.
package struct CompletionMeter: Sendable {
    /// How far back it looks.
    package static let span: Duration = .seconds(900)
    /// The shortest time between two samples that are kept, so that there are at most 182.
    static let spacing: Duration = .seconds(5)
    /// What is measured over less than this says nothing.
    static let shortest: Duration = .seconds(10)

    private struct Sample {
        var at: Duration
        var completed: Int
    }

    /// In order of time; the first one is the start of the span.
    private var samples: [Sample] = []
    private var latest: Sample?

    /// Has measured nothing yet.
    package init() {}

    /// Notes how many jobs were complete, `elapsed` after any fixed moment; one before the last one is ignored.
    package mutating func note(completed: Int, at elapsed: Duration) {
        if let latest, elapsed < latest.at { return }
        let sample = Sample(at: elapsed, completed: completed)
        latest = sample
        if let last = samples.last, elapsed - last.at < Self.spacing { return }
        samples.append(sample)
        // One sample before the span stays, as its start.
        while samples.count > 1, elapsed - samples[1].at >= Self.span { samples.removeFirst() }
    }

    /// Jobs completed in a second; `nil` before the first job, and in the first ten seconds.
    package var perSecond: Double? {
        guard let first = samples.first, let latest, latest.at - first.at >= Self.shortest,
            latest.completed > first.completed
        else { return nil }
        return Double(latest.completed - first.completed) / ((latest.at - first.at) / .seconds(1))
    }
}
