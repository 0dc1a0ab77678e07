import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// One use of `top`: looks at the database now and then, draws, and does what keys ask for.
struct TopSession {
    private enum Event: Sendable {
        case looked(TopSnapshot)
        case failed(String)
        case typed([UInt8])
        case inputEnded
    }

    private let installation: Installation
    private let screen: FullScreen
    private let style: TerminalStyle
    private let pause: Duration
    private var view: TopView
    private var snapshot = TopSnapshot()

    init(
        _ installation: Installation,
        _ screen: FullScreen,
        isWriting: Bool,
        style: TerminalStyle,
        pause: Duration
    ) {
        self.installation = installation
        self.screen = screen
        self.style = style
        self.pause = pause
        view = TopView(isWriting: isWriting, style: style)
    }

    /// Runs until somebody leaves.
    ///
    /// A database that is away is told on the screen and tried again.
    ///
    /// - Throws: `CancellationError`.
    mutating func run() async throws {
        let (client, screen, pause) = (installation.client, screen, pause)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(256))
            group.addTask {
                var observer = TopObserver(client)
                while true {
                    do {
                        continuation.yield(.looked(try await observer.look()))
                    } catch let error as PostgresError {
                        continuation.yield(.failed("\(error)"))
                    }
                    try await Task.sleep(for: pause)
                }
            }
            group.addTask {
                for await bytes in screen.input { continuation.yield(.typed(bytes)) }
                continuation.yield(.inputEnded)
            }
            defer { group.cancelAll() }
            var hasFailed = false
            loop: for await event in events {
                switch event {
                case .looked(let snapshot):
                    self.snapshot = snapshot
                    if hasFailed { view.message = nil }
                    hasFailed = false
                case .failed(let problem):
                    view.message = OneLine.text(problem)
                    hasFailed = true
                case .typed(let bytes):
                    for key in TopKeyPress.decode(bytes) {
                        guard let order = view.press(key, snapshot) else { continue }
                        if order == .quit { break loop }
                        await carryOut(order)
                    }
                case .inputEnded: break loop
                }
                screen.draw(view.lines(snapshot, size: screen.size), inColour: style.hasColour)
            }
            try Task.checkCancellation()
        }
    }

    private mutating func carryOut(_ order: TopView.Order) async {
        let reason = "by top"
        do {
            try await installation.act { connection in
                func pauseBatch(_ id: Int, _ isPaused: Bool) async throws {
                    _ = try await connection.query(
                        SetBatchPaused(batchID: Int64(id), isPaused: isPaused, reason: reason)
                    )
                }
                func pauseTenant(_ name: String, _ isPaused: Bool) async throws {
                    _ = try await connection.query(
                        SetAccountPaused(.tenant, name: name, isPaused: isPaused, reason: reason)
                    )
                }
                switch order {
                case .quit: break
                case .pauseKey(let name): _ = try await connection.query(ActOnKey(.pause, name: name, reason: reason))
                case .resumeKey(let name): _ = try await connection.query(ActOnKey(.resume, name: name, reason: reason))
                case .holdBatch(let id): try await pauseBatch(id, true)
                case .releaseBatch(let id): try await pauseBatch(id, false)
                case .pauseTenant(let name): try await pauseTenant(name, true)
                case .resumeTenant(let name): try await pauseTenant(name, false)
                case .stopSubmitting: _ = try await connection.query(SetSubmitting(false, reason: reason))
                case .startSubmitting: _ = try await connection.query(SetSubmitting(true, reason: reason))
                }
            }
            view.message = "done"
        } catch {
            view.message = OneLine.text("\(error)")
        }
    }
}
