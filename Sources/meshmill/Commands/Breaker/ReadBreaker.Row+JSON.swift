import MeshmillStore

extension ReadBreaker.Row {
    var status: String { isOpen ? "open" : rampUntil == nil ? "closed" : "ramping" }

    var fields: [(String, JSONValue)] {
        [
            ("status", .string(status)), ("probe_at", .time(probeAt)), ("ramp_until", .time(rampUntil)),
            ("reason", .optional(reason)), ("blame", .optional(blame)), ("failures_in_row", .int(failuresInRow)),
            ("recent_failures", .int(recentFailures)), ("opened_times", .int(openedTimes)),
            ("changed_at", .time(changedAt)),
        ]
    }
}
