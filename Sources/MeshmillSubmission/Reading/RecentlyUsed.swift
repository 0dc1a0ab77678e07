/// A bounded dictionary that forgets what was not asked for lately.
///
/// Two generations: when the young one is full it becomes the old one, and what was old is forgotten. So the last
/// `capacity` keys that were used are always there, and never more than twice as many.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(capacity: Int) {
        precondition(capacity > 0, "a memory of nothing")
        self.capacity = capacity
    }

    /// How many keys are held, at most twice the capacity.
    var count: Int { young.count + old.count }

    /// The value of a key, which is used by being asked for.
    mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if young.count >= capacity && young[key] == nil {
            old = young
            young = [:]
        }
        old[key] = nil
        young[key] = value
    }
}
