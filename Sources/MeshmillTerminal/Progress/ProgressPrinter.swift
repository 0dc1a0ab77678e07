import MeshmillCore
import Synchronization

/// Shows a run on standard error while it works: a live block on a terminal, a plain line now and then elsewhere.
///
/// Log lines go through ``printAbove(_:)``, so that nothing that is logged is drawn over.
package final class ProgressPrinter: Sendable {
    /// Between two frames of the block.
    static let framePeriod: Duration = .milliseconds(125)
    /// The shortest time between two plain lines.
    static let linePeriod: Duration = .seconds(10)
    /// What is assumed of a terminal that does not tell its size.
    static let usualSize = TerminalSize(columns: 80, rows: 24)
    /// Lines that are kept for a held terminal; later ones are lost.
    private static let mostWaiting = 1_000

    private struct State {
        var snapshot: RunSnapshot
        var meter = CompletionMeter()
        var block = LiveBlock()
        var frame = 0
        var isShowing = false
        /// Lines that a held terminal did not take yet.
        var waiting: [String] = []
        /// When the last plain line was written, and what it was about.
        var lastLine: (at: Duration, news: News)?
    }

    /// What makes a plain line worth writing; times and countdowns do not.
    private struct News: Equatable {
        var counts: JobCounts
        var prepared: Int
        var refused: Int
        var needsAttention: Bool

        init(_ snapshot: RunSnapshot) {
            counts = snapshot.counts
            prepared = snapshot.prepared
            refused = snapshot.refused
            needsAttention = Binding(snapshot)?.needsAttention ?? false
        }
    }

    private let device: any TerminalDevice
    private let style: TerminalStyle
    private let now: @Sendable () -> LocalTime
    private let state: Mutex<State>

    /// Shows nothing until ``showing(_:)`` runs; `now` tells the time of day.
    package init(
        _ snapshot: RunSnapshot,
        device: any TerminalDevice,
        style: TerminalStyle,
        now: @escaping @Sendable () -> LocalTime = { .now() }
    ) {
        self.device = device
        self.style = style
        self.now = now
        state = Mutex(State(snapshot: snapshot))
    }

    /// Shows progress at once and for as long as `body` runs; afterwards the block is gone from the screen.
    ///
    /// Elsewhere than on a terminal a last line says how far it came.
    package func showing<Value: Sendable>(
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        begin()
        async let _ = keepDrawing()
        defer { end() }
        return try await body()
    }

    /// Takes the next snapshot; it is drawn with the next frame.
    package func update(_ snapshot: RunSnapshot) {
        state.withLock { state in
            state.snapshot = snapshot
            state.meter.note(completed: snapshot.counts.completed, at: snapshot.elapsed)
            if snapshot.completedPerSecond == nil { state.snapshot.completedPerSecond = state.meter.perSecond }
        }
    }

    /// Writes a line that stays, above the block where there is one.
    ///
    /// - Parameter line: without its end; it may be wider than the terminal.
    package func printAbove(_ line: String) {
        state.withLock { state in
            if device.canRedraw, state.isShowing, !device.isReady {
                // A terminal held with Ctrl-S must not hold the work.
                if state.waiting.count < Self.mostWaiting { state.waiting.append(line) }
                return
            }
            state.waiting.append(line)
            writeWaiting(&state)
        }
    }

    private func writeWaiting(_ state: inout State) {
        guard !state.waiting.isEmpty else { return }
        let lines = state.waiting
        state.waiting = []
        guard state.block.isShown else { return device.write(Array(lines.map { $0 + "\n" }.joined().utf8)) }
        var text = state.block.clear(size: size) + lines.map { $0 + "\r\n" }.joined()
        text += frame(&state)
        device.write(Array(text.utf8))
    }

    // MARK: - Drawing

    private var size: TerminalSize { device.size ?? Self.usualSize }

    private func begin() {
        state.withLock { state in
            state.isShowing = true
            guard !device.canRedraw else { return device.write(Array(frame(&state).utf8)) }
            write(ProgressLine.start(state.snapshot))
            state.lastLine = (state.snapshot.elapsed, News(state.snapshot))
        }
    }

    private func end() {
        state.withLock { state in
            state.isShowing = false
            writeWaiting(&state)
            guard !device.canRedraw else { return device.write(Array(state.block.clear(size: size).utf8)) }
            write(ProgressLine.text(state.snapshot, now: now()))
        }
    }

    /// Until it is cancelled.
    @concurrent
    private func keepDrawing() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.framePeriod) } catch { return }
            tick()
        }
    }

    /// Draws the next frame, or writes the next line if it is time and there is news.
    func tick() {
        state.withLock { state in
            guard state.isShowing else { return }
            guard device.canRedraw else { return line(&state) }
            // A terminal held with Ctrl-S must not hold the work.
            guard device.isReady else { return }
            writeWaiting(&state)
            state.frame += 1
            device.write(Array(frame(&state).utf8))
        }
    }

    private func frame(_ state: inout State) -> String {
        let size = size
        let lines = ProgressView(style: style)
            .block(state.snapshot, width: size.columns, frame: state.frame, now: now())
        return state.block.draw(lines, size: size, inColour: style.hasColour)
    }

    private func line(_ state: inout State) {
        let news = News(state.snapshot)
        if let last = state.lastLine {
            guard last.news != news, state.snapshot.elapsed - last.at >= Self.linePeriod else { return }
        }
        state.lastLine = (state.snapshot.elapsed, news)
        write(ProgressLine.text(state.snapshot, now: now()))
    }

    private func write(_ line: String) {
        device.write(Array((line + "\n").utf8))
    }
}
