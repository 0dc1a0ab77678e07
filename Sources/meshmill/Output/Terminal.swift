import FoundationEssentials
import Glibc

/// What standard output and standard error are connected to.
enum Terminal {
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var messagesAreTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    /// Whether somebody can be asked: answers come from standard input, questions go to standard error.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && messagesAreTerminal }

    /// Whether messages may be coloured and overwritten.
    ///
    /// Source: no-color.org for `NO_COLOR`.
    static var allowsColor: Bool {
        let variables = ProcessInfo.processInfo.environment
        return messagesAreTerminal && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
    }

    /// Columns of the terminal that a descriptor leads to; nil if it leads to none.
    static func width(of descriptor: Int32 = STDOUT_FILENO) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}
