/// Quantiles of measured times, by the nearest rank.
package struct Quantiles: Sendable {
    private let sorted: [Double]

    package init(_ values: [Double]) {
        sorted = values.sorted()
    }

    package var count: Int { sorted.count }

    /// The least value that is not exceeded by a share of all; NaN without values.
    package func at(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
        return sorted[min(max(rank, 0), sorted.count - 1)]
    }

    package var p50: Double { at(0.5) }
    package var p99: Double { at(0.99) }
    package var worst: Double { sorted.last ?? .nan }
}
