/// Why a key could not be added or changed.
package enum KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another key has the name.
    case nameTaken(String)
    /// There is no such pool.
    case unknownPool(String)
    /// There is no key with this name that is not removed.
    case unknownKey(String)
    /// Another key, of this name, has the secret.
    case secretTaken(String)
    /// More slots would be kept free than the key has.
    case reserveNotBelowLimit

    /// One line: the thing, the cause and the cure.
    package var description: String {
        switch self {
        case .nameTaken(let name): "key \(name): another key has this name; choose another one"
        case .unknownPool(let name): "there is no pool \(name); the pool default is always there"
        case .unknownKey(let name): "there is no key \(name); see: meshmill keys list"
        case .secretTaken(let name): "key \(name) has this secret; remove that key, or rotate it"
        case .reserveNotBelowLimit: "reserve_slots must be below rate_limit; lower it, or raise the limit"
        }
    }
}
