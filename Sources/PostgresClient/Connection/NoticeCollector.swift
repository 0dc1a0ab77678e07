import CLibPQ

/// Keeps the notices of the present call, instead of libpq's habit of printing them to stderr.
///
/// Not Sendable: libpq calls it back only from within calls on the connection, so on the connection's thread.
final class NoticeCollector {
    private(set) var notices: [PostgresNotice] = []
    private let limit = 100

    /// Has libpq hand the connection's notices to this collector, which must outlive the connection.
    func attach(to connection: OpaquePointer) {
        let receiver: PQnoticeReceiver = { context, result in
            guard let context, let result else { return }
            Unmanaged<NoticeCollector>.fromOpaque(context).takeUnretainedValue().append(result)
        }
        PQsetNoticeReceiver(connection, receiver, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Returns what was collected and starts anew.
    func take() -> [PostgresNotice] {
        defer { notices.removeAll() }
        return notices
    }

    private func append(_ result: OpaquePointer) {
        guard notices.count < limit else { return }
        notices.append(
            PostgresNotice(
                severity: ResultFields.text(result, .severity) ?? "NOTICE",
                sqlState: ResultFields.text(result, .sqlState).map { SQLState($0) },
                message: (ResultFields.text(result, .message) ?? "").singleLine()
            )
        )
    }
}
