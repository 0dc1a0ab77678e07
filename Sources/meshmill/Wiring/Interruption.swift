import Dispatch
import Glibc
import MeshmillWorker
import Synchronization

/// Ctrl-C and SIGTERM, for commands that leave nothing half done when they are cancelled.
enum Interruption {
    /// Runs `body` and cancels it on the first signal; the second one ends the process at once with exit 75.
    ///
    /// - Throws: what `body` throws; ``Failure/interrupted`` if a signal came and `body` threw.
    static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task { try await body() }
        let signals = SignalCounter { count in
            if count > 1 { _exit(Exit.interrupted.rawValue) }
            task.cancel()
        }
        defer { signals.stop() }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            if signals.count > 0 { throw Failure.interrupted }
            throw error
        }
    }
}

extension Interruption {
    /// Runs `body` and asks it to stop in order on the first signal; the second one ends the process at once, exit 75.
    ///
    /// - Throws: what `body` throws.
    static func stopping<Value: Sendable>(
        _ stop: StopSignal,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = SignalCounter { count in
            if count > 1 { _exit(Exit.interrupted.rawValue) }
            stop.stop()
        }
        defer { signals.stop() }
        return try await body()
    }
}

/// Counts SIGINT, SIGTERM and SIGHUP while it is in use.
final class SignalCounter: Sendable {
    /// Ctrl-C, an orderly kill, and a terminal that is closed, but for those that whoever started the process had it
    /// ignore, as `nohup` does.
    private static let signals = [SIGINT, SIGTERM, SIGHUP].filter { number in
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            != unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private let received = Atomic<Int>(0)
    // Unsafe in name: Dispatch does not declare its sources Sendable. They are written once, in init, and may be
    // cancelled from any thread.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// How many came so far.
    var count: Int { received.load(ordering: .acquiring) }

    /// Begins to count; the signals no longer end the process by themselves.
    ///
    /// - Parameter onSignal: called on another thread with the count; it must not block.
    init(_ onSignal: @escaping @Sendable (Int) -> Void) {
        sources = Self.signals.map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
        for number in Self.signals { signal(number, SIG_IGN) }
        for source in sources {
            source.setEventHandler { [weak self] in
                guard let self else { return }
                onSignal(received.add(1, ordering: .acquiringAndReleasing).newValue)
            }
            source.activate()
        }
    }

    /// Lets the signals end the process again.
    func stop() {
        for source in sources { source.cancel() }
        for number in Self.signals { signal(number, SIG_DFL) }
    }
}
