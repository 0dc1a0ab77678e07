/// How much is done: enough for figures that hold, for a first look, or for a test of the measurement itself.
package enum BenchScale: Sendable, Hashable {
    case full, quick, tiny

    package func pick<Value>(full: Value, quick: Value, tiny: Value) -> Value {
        switch self {
        case .full: full
        case .quick: quick
        case .tiny: tiny
        }
    }
}
