/// Adds up what tenants were served, and compares those that have work; knows nothing of how it was decided.
struct FairnessMeter {
    private struct Tenant {
        var weight: Double
        /// The most that one slot cost it so far.
        var slotCost: Double
        var waiting: Int
        var served = 0
        /// Slots received, each divided by the weight of its time; of a tenant that joins, where those are that had work.
        var service = 0.0

        init(weight: Double) {
            self.weight = weight
            slotCost = 1 / weight
            waiting = 0
        }
    }

    private var tenants: [Tenant]
    /// The largest difference seen between two tenants with work, in slots of the lighter one.
    private(set) var error = 0.0

    init(_ tenants: [FairnessScenario.Tenant]) { self.tenants = tenants.map { Tenant(weight: $0.weight) } }

    /// Slots that each tenant received.
    var served: [Int] { tenants.map(\.served) }

    /// Jobs that wait.
    var waiting: Int { tenants.reduce(0) { $0 + $1.waiting } }

    /// Jobs are queued for a tenant: if it had none, it starts with the one that has least, or where all stopped.
    mutating func submit(_ jobs: Int, for index: Int) {
        guard jobs > 0 else { return }
        if tenants[index].waiting == 0 {
            let busy = tenants.filter { $0.waiting > 0 }.map(\.service)
            let start = busy.min() ?? tenants.map(\.service).max() ?? 0
            tenants[index].service = max(tenants[index].service, start)
        }
        tenants[index].waiting += jobs
    }

    mutating func change(weight: Double, of index: Int) {
        tenants[index].weight = weight
        tenants[index].slotCost = max(tenants[index].slotCost, 1 / weight)
    }

    mutating func serve(_ index: Int) {
        tenants[index].served += 1
        tenants[index].waiting -= 1
        tenants[index].service += 1 / tenants[index].weight
    }

    /// Looks at the tenants that have work now.
    mutating func compare() {
        let busy = tenants.filter { $0.waiting > 0 }
        for (index, one) in busy.enumerated() {
            for other in busy[..<index] {
                error = max(error, abs(one.service - other.service) / max(one.slotCost, other.slotCost))
            }
        }
    }
}
