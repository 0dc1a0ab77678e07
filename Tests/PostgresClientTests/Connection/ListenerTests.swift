import PostgresClient
import TestDatabase
import Testing

@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
    @Test("notifications of its channels arrive in order, whatever their names")
    func notifications() async throws {
        try await withTestClient { client in
            let listener = PostgresListener(
                configuration: client.configuration,
                channels: ["jobs", "od\"d Name"],
                logger: .silent
            )
            var events = listener.makeAsyncIterator()
            let first = await events.next()
            #expect(first == .subscribed)
            try await sql("NOTIFY jobs, '1'; NOTIFY other, '2'; NOTIFY \"od\"\"d Name\", '3'", on: client)
            for payload in ["1", "3"] {
                guard case .notification(let notification) = await events.next() else {
                    Issue.record("no notification")
                    return
                }
                #expect(notification.payload == payload)
            }
        }
    }

    @Test("LESSON 9: a connection that is cut is replaced, and subscribing again is told")
    func reconnects() async throws {
        try await withTestClient { client in
            let listener = PostgresListener(configuration: client.configuration, channels: ["jobs"], logger: .silent)
            var events = listener.makeAsyncIterator()
            _ = await events.next()
            try await sql(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE query LIKE 'LISTEN%' AND datname = current_database()
                """,
                on: client
            )
            let second = await events.next()
            #expect(second == .subscribed)
            try await sql("NOTIFY jobs", on: client)
            guard case .notification = await events.next() else {
                Issue.record("no notification")
                return
            }
        }
    }

    @Test("a cancelled listener ends at once and hangs up")
    func cancellation() async throws {
        try await withTestClient { client in
            let subscribed = Gate()
            let listener = PostgresListener(configuration: client.configuration, channels: ["jobs"], logger: .silent)
            let task = Task {
                var count = 0
                for await _ in listener {
                    count += 1
                    await subscribed.open()
                }
                return count
            }
            await subscribed.pass()
            task.cancel()
            let count = await task.value
            #expect(count == 1)
            let isGone = try await wait(
                for: "0",
                of: "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
                on: client
            )
            #expect(isGone)
        }
    }
}
