import MeshmillStore

extension BatchOverview {
    /// The fields that programs read.
    var fields: [(String, JSONValue)] {
        [
            ("batch_id", .int(id)), ("status", .string(status)), ("tenant", .string(tenant)), ("out", .string(out)),
            ("jobs", .object(counts.map { ($0.status, .int($0.jobs)) })), ("capped", .bool(isCapped)),
            ("credits", .int(credits)), ("credits_reserved", .int(creditsReserved)),
            ("max_credits", .optional(maxCredits)), ("created_at", .time(createdAt)),
            ("submitted_at", .time(submittedAt)),
        ]
    }
}
