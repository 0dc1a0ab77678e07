import Glibc

/// Standard error as a place to show progress.
package struct StandardError: TerminalDevice {
    package let canRedraw: Bool

    /// Redraws only on a terminal whose `TERM` is neither empty nor `dumb`.
    package init(variables: [String: String]) {
        let term = variables["TERM", default: ""]
        canRedraw = isatty(STDERR_FILENO) == 1 && !term.isEmpty && term != "dumb"
    }

    package var size: TerminalSize? {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    package var isReady: Bool {
        let foreground = tcgetpgrp(STDERR_FILENO)
        guard foreground == -1 || foreground == getpgrp() else { return false }
        var descriptor = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) == 1 && descriptor.revents & Int16(POLLOUT) != 0
    }

    package func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&descriptor, 1, 1_000)
            } else if errno != EINTR {
                // Whoever read it is gone; progress is no reason to end the work.
                return
            }
        }
    }
}
