/// What a terminal can show.
package struct TerminalStyle: Sendable, Hashable {
    /// Whether inks are shown.
    package var hasColour: Bool
    /// Whether block characters, braille and arrows are shown; else plain ASCII stands for them.
    package var hasSymbols: Bool

    package init(hasColour: Bool, hasSymbols: Bool) {
        self.hasColour = hasColour
        self.hasSymbols = hasSymbols
    }

    /// Follows `NO_COLOR` (set and not empty: no colour) and `TERM` (`dumb`: none either), and the locale (`C` or
    /// `POSIX`: no symbols).
    ///
    /// Source: no-color.org; POSIX, Base Definitions 8.2 (the first of LC_ALL, LC_CTYPE, LANG that is not empty).
    package init(variables: [String: String]) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { variables[$0] }.first { !$0.isEmpty }
        self.init(
            hasColour: variables["NO_COLOR", default: ""].isEmpty && variables["TERM"] != "dumb",
            hasSymbols: locale != "C" && locale != "POSIX"
        )
    }
}
