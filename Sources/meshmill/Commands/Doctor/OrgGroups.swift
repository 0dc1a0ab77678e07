/// Orgs that belong together, from pairs of them.
enum OrgGroups {
    /// Whoever is linked to each other by pairs, however far apart; groups and names in the order of the pairs.
    static func joined(_ pairs: [(String, String)]) -> [[String]] {
        var groups: [[String]] = []
        for (one, other) in pairs {
            let touched = groups.indices.filter { groups[$0].contains(one) || groups[$0].contains(other) }
            var group = touched.flatMap { groups[$0] }
            for name in [one, other] where !group.contains(name) { group.append(name) }
            for index in touched.reversed() { groups.remove(at: index) }
            groups.insert(group, at: touched.first ?? groups.count)
        }
        return groups
    }
}
