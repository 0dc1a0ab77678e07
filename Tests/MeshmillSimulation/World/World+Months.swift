import AmaraSimulator

extension World {
    /// Looks at a key's month just before it turns at the provider, and at each one after it.
    func watchMonth(ofKey index: Int, from start: Duration, until turn: Duration) {
        after(turn - .microseconds(1) - now, nil, "a month turns at the provider") { [self] in
            let name = "sim-\(index + 1)"
            if let key = provider.state(at: now).keys.first(where: { $0.name == name }) {
                // A month in which nothing was used turns unnoticed.
                if key.monthlyUsed > 0 { note(.monthTurn) }
                if scenario.kind == .long { try judgeMonth(key, index, lasted: turn - start) }
            }
            guard !isQuiet || scenario.kind == .long else { return }
            watchMonth(ofKey: index, from: turn, until: turn + scenario.monthLength)
        }
    }

    /// A month is to be used up while jobs wait, whatever befell the key on the way.
    ///
    /// Not all that it has room for can be: a doubt that was given up as charged, and a refund that was not announced,
    /// are known to the provider alone. A cap of ours has months of its own.
    private func judgeMonth(_ key: ProviderState.Key, _ index: Int, lasted: Duration) throws {
        guard scenario.keys[index].monthlyLimit == nil, lasted > .seconds(3 * 86_400), let limit = key.monthlyLimit,
            observer.unfinishedCount > 30
        else { return }
        if key.monthlyUsed < limit * 9 / 10 - 2 {
            throw Violation(
                .wastedSlots,
                "key \(key.name): \(key.monthlyUsed) of \(limit) credits of its month at \(now.inSeconds)s, "
                    + "while \(observer.unfinishedCount) jobs waited"
            )
        }
    }
}
