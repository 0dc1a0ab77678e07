/// How long a store that is full or away is tried again: 1, 2, 4 … 30 s apart, and given up after 15 minutes.
package struct StoragePatience: Sendable {
    /// The wait after the first refusal; it doubles.
    package var firstWait: Duration
    /// No wait is longer.
    package var longestWait: Duration
    /// A store that refuses for longer is given up.
    package var givesUpAfter: Duration

    package init(
        firstWait: Duration = .seconds(1),
        longestWait: Duration = .seconds(30),
        givesUpAfter: Duration = .seconds(900)
    ) {
        self.firstWait = firstWait
        self.longestWait = longestWait
        self.givesUpAfter = givesUpAfter
    }
}
