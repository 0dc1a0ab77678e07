/// A credit that goes back at some time.
struct Refund: Sendable, Comparable {
    let due: Duration
    /// Index of the key that was charged.
    let key: Int

    static func < (one: Refund, other: Refund) -> Bool {
        (one.due, one.key) < (other.due, other.key)
    }
}
