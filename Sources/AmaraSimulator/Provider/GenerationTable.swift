/// The generations that the provider remembers, by id and in order of arrival; the oldest is forgotten when it is full.
struct GenerationTable: Sendable {
    private let capacity: Int
    private var ordinals: [String: Int] = [:]
    /// The remembered ones, from `first` on; those before are spent room.
    private var rows: [Generation] = []
    private var first = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Number of generations that were ever accepted.
    private(set) var accepted = 0

    var remembered: ArraySlice<Generation> { rows[first...] }

    mutating func append(_ generation: Generation) {
        if rows.count - first == capacity {
            ordinals[rows[first].id] = nil
            first += 1
            if first > capacity / 2 {
                rows.removeFirst(first)
                first = 0
            }
        }
        ordinals[generation.id] = generation.ordinal
        rows.append(generation)
        accepted += 1
    }

    subscript(id: String) -> Generation? {
        index(of: id).map { rows[$0] }
    }

    /// Notes a delivery of the generation's file.
    mutating func noteDownload(of id: String) {
        if let index = index(of: id) { rows[index].downloads += 1 }
    }

    private func index(of id: String) -> Int? {
        ordinals[id].map { rows.count - (accepted - $0) }
    }
}
