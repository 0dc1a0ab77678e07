/// What will happen, if nothing changes.
package struct ForecastResult: Sendable, Hashable {
    /// Of each batch, in the input's order.
    package var batches: [Batch]
    /// Of each key, in the input's order.
    package var keys: [Key]
    /// POSTs that are foreseen, those that come to nothing included.
    package var posts: Int

    /// A batch's fate.
    package struct Batch: Sendable, Hashable {
        /// From now to its first POST; nil: there is none.
        package var startsIn: Duration?
        /// From now to its last file; nil: it does not end, see ``binding``.
        package var endsIn: Duration?
        /// Credits that it spends.
        package var credits: Int
        /// Jobs that are never asked for.
        package var stranded: Int
        /// What makes it take as long as it takes.
        package var binding: Binding
    }

    /// A key's fate.
    package struct Key: Sendable, Hashable {
        package var posts: Int
        /// From now until its month, or its org, has no credit left; nil: it lasts.
        package var runsDryIn: Duration?
    }

    /// What a batch waits for most.
    package enum Binding: String, Sendable, Hashable {
        /// Nothing: its POSTs go out at once, and only the generations take time.
        case nothing
        /// The keys' rate windows.
        case windows
        /// The keys' monthly limits.
        case month
        /// The orgs' credits.
        case credits
        /// Other tenants' and batches' turns.
        case share
        /// The tenant's monthly budget.
        case budget
        /// The batch's own `--max-credits`.
        case cap
        /// There is no key that it may use.
        case keys
        /// More POSTs are to come than are looked at.
        case horizon
    }
}
