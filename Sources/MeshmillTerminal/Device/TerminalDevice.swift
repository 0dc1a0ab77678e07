/// Where progress is shown: standard error, or a record of it in tests.
package protocol TerminalDevice: Sendable {
    /// Whether lines can be redrawn in place.
    var canRedraw: Bool { get }
    /// Columns and rows as of now; `nil` when not known.
    var size: TerminalSize? { get }
    /// Whether a frame may be drawn: not while Ctrl-S holds the terminal, nor while another job has it.
    var isReady: Bool { get }

    /// Writes all bytes; may wait.
    func write(_ bytes: [UInt8])
}

/// The size of a terminal in characters.
package struct TerminalSize: Sendable, Hashable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}
