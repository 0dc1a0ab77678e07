/// One organization and its credits.
package struct OrgConfiguration: Sendable, Equatable {
    package var name: String
    /// Credits at the start.
    package var credits: Int

    package init(name: String, credits: Int) {
        self.name = name
        self.credits = credits
    }
}
