/// The body of an accepted POST.
///
/// Source: the reference, "Create Generation".
enum CreateBody {
    /// The monthly numbers appear only for a key that has a limit.
    static func started(
        _ id: String,
        used: Int,
        remaining: Int,
        monthlyUsed: Int,
        monthlyLimit: Int?
    ) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "generation_id", value: .string(id)),
            .init(name: "status", value: "processing"),
            .init(name: "message", value: "Generation started. Poll the status endpoint for updates."),
            .init(name: "credits_used", value: .integer(Int64(used))),
            .init(name: "credits_remaining", value: .integer(Int64(remaining))),
        ]
        if let monthlyLimit {
            members.append(.init(name: "key_monthly_used", value: .integer(Int64(monthlyUsed))))
            members.append(.init(name: "key_monthly_limit", value: .integer(Int64(monthlyLimit))))
        }
        return .object(members)
    }
}
