import ArgumentParser
import FoundationEssentials
import PostgresClient

/// A day or an instant on the command line, in UTC: `2026-07-01` or `2026-07-01T12:00:00Z`.
struct PointInTime: ExpressibleByArgument {
    let instant: PostgresTimestamp

    init?(argument: String) {
        let text = argument.count == 10 ? argument + "T00:00:00Z" : argument
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        let seconds = date.timeIntervalSince1970
        guard abs(seconds) < 1e11 else { return nil }
        instant = PostgresTimestamp(microseconds: Int64((seconds * 1e6).rounded()))
    }
}
