import MeshmillStore

/// Keys as a table for people.
struct KeyTable {
    private var table = Table([
        .init(heading: "key", cuts: true), .init(heading: "status"), .init(heading: "org", cuts: true),
        .init(heading: "window"), .init(heading: "free", isNumber: true), .init(heading: "next post"),
        .init(heading: "busy", isNumber: true), .init(heading: "month", isNumber: true),
        .init(heading: "posts", isNumber: true), .init(heading: "reason", cuts: true),
    ])

    init(_ keys: [KeyOverview]) {
        for key in keys { add(key) }
    }

    func write() throws { try table.write() }

    private mutating func add(_ key: KeyOverview) {
        let next: String
        switch key.status {
        case "active":
            next = [key.nextPostAt.ahead(of: key.now), key.blockedBy].compactMap(\.self).joined(separator: " ")
        case "parked", "disabled": next = key.probeAt.map { "probe \($0.ahead(of: key.now))" } ?? ""
        case "paused": next = key.pausedUntil.map { "resumes \($0.ahead(of: key.now))" } ?? ""
        default: next = ""
        }
        table.add([
            key.name, key.status, key.org, "\(key.rateLimit) / \(key.rateWindow.rounded)",
            "\(key.freeSlots)", next, "\(key.submitting + key.generating)",
            key.monthlyLimit.map { "\(key.monthlyUsed) / \($0)" } ?? "\(key.monthlyUsed)", "\(key.posts)",
            key.reason ?? "",
        ])
    }
}
