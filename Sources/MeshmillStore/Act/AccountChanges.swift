import FoundationEssentials

/// What is to be set of a tenant, an org or a pool; what is nil stays, or takes its default.
package struct AccountChanges: Sendable, Encodable {
    /// A number that may be taken away.
    package enum Bound: Sendable, Hashable {
        case none
        case number(Int64)
    }

    package var name: String?
    /// Of a tenant: whose keys it may use.
    package var pool: String?
    /// Of a tenant: its share of the slots while others wait too.
    package var weight: Double?
    /// Of a tenant: most credits a month.
    package var monthlyBudget: Bound?
    /// Of a tenant: most jobs that may wait at once.
    package var maxQueued: Bound?

    package init() {}

    /// Whether nothing is to be set.
    package var isEmpty: Bool {
        name == nil && pool == nil && weight == nil && monthlyBudget == nil && maxQueued == nil
    }

    private enum CodingKeys: String, CodingKey {
        case name, pool, weight
        case monthlyBudget = "monthly_budget"
        case maxQueued = "max_queued"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encodeIfPresent(pool, forKey: .pool)
        try container.encodeIfPresent(weight, forKey: .weight)
        for (bound, key) in [(monthlyBudget, CodingKeys.monthlyBudget), (maxQueued, .maxQueued)] {
            switch bound {
            case nil: break
            case .some(.none): try container.encodeNil(forKey: key)
            case .number(let number): try container.encode(number, forKey: key)
            }
        }
    }

    /// As the functions of `ops` read them.
    var json: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}
