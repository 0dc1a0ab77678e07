import Dispatch
import Glibc
import MeshmillTerminal
import Synchronization

/// The terminal's other screen with keys read one by one; ``close()`` gives back what was there.
final class FullScreen: Sendable {
    // Source: the xterm manual "Control Sequences": 1049 other screen, 25 cursor, 7 wrapping; 2026 synchronized output.
    private static let begin = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    private static let end = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// What is typed, as the terminal sends it; ends with the terminal.
    let input: AsyncStream<[UInt8]>
    private let before: termios
    private let isClosed = Mutex(false)
    // Unsafe in name: Dispatch does not declare its sources Sendable. It is written once, in init, and may be cancelled
    // from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// Takes the terminal.
    ///
    /// - Throws: ``Failure`` with exit 74 if standard input is none that can be set.
    init() throws {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw Failure(.inputOutput, "cannot read the terminal's settings: \(String(cString: strerror(errno)))")
        }
        before = settings
        cfmakeraw(&settings)
        // Lines are ended by us, and Ctrl-C comes as a key.
        guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else {
            throw Failure(.inputOutput, "cannot change the terminal's settings: \(String(cString: strerror(errno)))")
        }
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(64))
        input = stream
        source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
        let source = source
        source.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                continuation.yield(Array(bytes.prefix(count)))
            } else if count == 0 || errno != EINTR && errno != EAGAIN {
                continuation.finish()
                source.cancel()
            }
        }
        source.resume()
        Output.write(Array(Self.begin.utf8), to: STDOUT_FILENO)
    }

    /// The terminal's size now; 80 × 24 where it does not tell.
    var size: TerminalSize {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalSize(columns: 80, rows: 24)
        }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Draws the whole screen.
    func draw(_ lines: [InkedText], inColour: Bool) {
        var frame = "\u{1B}[?2026h\u{1B}[H"
        for (index, line) in lines.enumerated() {
            frame += "\u{1B}[2K" + line.rendered(inColour: inColour) + (index < lines.count - 1 ? "\r\n" : "")
        }
        frame += "\u{1B}[J\u{1B}[?2026l"
        Output.write(Array(frame.utf8), to: STDOUT_FILENO)
    }

    /// Gives the terminal back; a second time it does nothing.
    func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        source.cancel()
        Output.write(Array(Self.end.utf8), to: STDOUT_FILENO)
        var settings = before
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
}
