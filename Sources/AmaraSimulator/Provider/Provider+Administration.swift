extension Provider {
    /// The settings of all keys as they stand.
    package var keySettings: [KeyConfiguration] { keys.map(\.settings) }

    /// Changes a key's scope, standing or monthly limit; windows, names and secrets stay.
    ///
    /// - Returns: whether there is a key of that name.
    package mutating func changeKey(_ name: String, _ change: KeyChange, at instant: Duration) -> Bool {
        advance(to: instant)
        guard let key = keys.firstIndex(where: { $0.settings.name == name }) else { return false }
        keys[key].turnMonth(at: now)
        if let disabled = change.isDisabled { keys[key].settings.isDisabled = disabled }
        if let scope = change.hasMeshgenScope { keys[key].settings.hasMeshgenScope = scope }
        if let limit = change.monthlyLimit { keys[key].settings.monthlyLimit = limit < 0 ? nil : limit }
        if let used = change.monthlyUsed { keys[key].monthlyUsed = used }
        return true
    }

    /// Sets the credits of an organization.
    ///
    /// - Returns: whether there is an organization of that name.
    package mutating func setCredits(_ credits: Int, ofOrg name: String, at instant: Duration) -> Bool {
        advance(to: instant)
        guard let org = orgs.firstIndex(where: { $0.name == name }) else { return false }
        orgs[org].credits = credits
        return true
    }

    /// The standing of keys, organizations and backend at an instant.
    package mutating func state(at instant: Duration) -> ProviderState {
        advance(to: instant)
        for key in keys.indices { keys[key].turnMonth(at: now) }
        return ProviderState(
            nowSeconds: now.inSeconds,
            model: configuration.model,
            limit: configuration.limit,
            windowSeconds: configuration.window.inSeconds,
            acceptedGenerations: generations.accepted,
            queuedGenerations: backend.waiting,
            unfinishedGenerations: backend.unfinished,
            orgs: orgs.map { ProviderState.Org(name: $0.name, credits: $0.credits) },
            keys: keys.map(state(of:))
        )
    }

    private func state(of key: ProviderKey) -> ProviderState.Key {
        let standing = key.window.standing(at: now)
        return ProviderState.Key(
            name: key.settings.name,
            secret: key.settings.secret,
            org: key.settings.org,
            limit: standing.limit,
            windowSeconds: (key.settings.window ?? configuration.window).inSeconds,
            used: standing.used,
            retryAfterSeconds: standing.retryAfter.inSeconds,
            monthlyLimit: key.settings.monthlyLimit,
            monthlyUsed: key.monthlyUsed,
            hasMeshgenScope: key.settings.hasMeshgenScope,
            isDisabled: key.settings.isDisabled
        )
    }
}
