import MeshmillStore

extension KeyOverview {
    /// The fields that programs read; never the secret.
    var fields: [(String, JSONValue)] {
        [
            ("name", .string(name)), ("status", .string(status)), ("reason", .optional(reason)),
            ("org", .string(org)), ("pool", .string(pool)), ("rate_limit", .int(rateLimit)),
            ("rate_window_seconds", .seconds(rateWindow)), ("free_slots", .int(freeSlots)),
            ("reserve_slots", .int(reserveSlots)), ("next_post_at", .time(nextPostAt)),
            ("blocked_by", .optional(blockedBy)), ("blocked_until", .time(blockedUntil)),
            ("window_model", .string(windowModel)), ("next_send_at", .time(nextSendAt)),
            ("margin_seconds", .seconds(margin)), ("paused_until", .time(pausedUntil)), ("probe_at", .time(probeAt)),
            ("submitting", .int(submitting)), ("generating", .int(generating)),
            ("monthly_limit", .optional(monthlyLimit)), ("monthly_used", .int(monthlyUsed)),
            ("monthly_left", .optional(monthlyLeft)), ("credits_reserved", .int(creditsReserved)),
            ("posts", .int(posts)), ("accepted_at", .time(acceptedAt)), ("last_post_at", .time(lastPostAt)),
            ("created_at", .time(createdAt)),
        ]
    }
}
