import Logging
import PostgresClient

/// Runs SQL on one of the client's connections and returns the last statement's rows as text.
@discardableResult
func sql(_ text: String, on client: PostgresClient) async throws -> [[String?]] {
    try await client.withConnection { try await $0.simpleQuery(text).rows }
}

/// Waits, in short steps, until a query's first value is `value`; gives up after ten seconds.
func wait(for value: String, of text: String, on client: PostgresClient) async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .seconds(10))
    while .now < deadline {
        if try await sql(text, on: client).first?.first == value { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// Whether `attempt` takes less than `limit` at least once in five times.
///
/// A busy machine is slow now and then, a wrong program always.
func takesLess(than limit: Duration, _ attempt: () async throws -> Duration) async rethrows -> Bool {
    for _ in 0..<5 where try await attempt() < limit { return true }
    return false
}

extension Logger {
    /// Says nothing.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Opens when told, for tests in which one task waits for another.
actor Gate {
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for waiter in waiters { waiter.resume() }
        waiters.removeAll()
    }

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}
