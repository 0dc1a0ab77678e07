import MeshmillTerminal
import Synchronization

/// Shows on a ``Screen``, and keeps every write.
final class RecordingDevice: TerminalDevice {
    private struct State {
        var screen: Screen
        var writes: [String] = []
        var isReady = true
    }

    let canRedraw: Bool
    private let state: Mutex<State>

    init(columns: Int = 80, rows: Int = 24, canRedraw: Bool = true) {
        self.canRedraw = canRedraw
        state = Mutex(State(screen: Screen(columns: columns, rows: rows)))
    }

    var size: TerminalSize? { state.withLock(\.screen.size) }
    var isReady: Bool { state.withLock(\.isReady) }
    var screen: Screen { state.withLock(\.screen) }
    var writes: [String] { state.withLock(\.writes) }

    func write(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        state.withLock { state in
            state.writes.append(text)
            state.screen.write(text)
        }
    }

    /// As Ctrl-S and Ctrl-Q do.
    func setReady(_ isReady: Bool) { state.withLock { $0.isReady = isReady } }
}
