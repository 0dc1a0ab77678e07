extension Observer {
    /// Follows a row that counts credits.
    func seeAccount(_ change: RowChange, _ touched: inout Touched) {
        guard let id = change.numbers[0] else { return }
        let name: Account.Name
        switch change.table {
        case "keys": name = .key(id)
        case "orgs": name = .org(id)
        case "tenants": name = .tenant(id)
        default: name = .batch(id)
        }
        var account = accounts[name] ?? Account()
        account.reserved = change.numbers[2] ?? 0
        switch name {
        case .key:
            turn(&account, to: change.times[0])
            account.used = change.numbers[1]
            account.limit = change.numbers[3]
            account.providerLimit = change.numbers[4]
            account.providerUsed = change.numbers[5]
            keyNames[id] = change.text
            keyStates[id] = change.new
            keyRateLimits[id] = change.numbers[6]
            keyOrgs[id] = change.numbers[7]
        case .org:
            account.limit = change.numbers[1]
            account.parkedUntil = change.times[0]
            account.isPaused = change.flags[0]
        case .tenant:
            turn(&account, to: change.times[0])
            account.used = change.numbers[1]
            account.limit = change.numbers[3]
            account.isPaused = change.flags[0]
        case .batch:
            account.used = change.numbers[1]
            account.limit = change.numbers[3]
            batchStates[id] = change.new
            policies[id] = change.text
            mostFailures[id] = change.numbers[4].map(Int.init)
        }
        accounts[name] = account
        touched.note(name)
    }

    /// A new month counts from nothing.
    private func turn(_ account: inout Account, to period: Int64?) {
        if account.period != period { account.foldedUsed = 0 }
        account.period = period
    }

    /// Follows what answers changed in the balances of a row that was busy, until it is added to the row.
    func seePending(_ change: RowChange, _ touched: inout Touched) {
        let tenant = change.numbers[0].map(Account.Name.tenant)
        guard let name = tenant ?? change.numbers[1].map(Account.Name.batch) else { return }
        let sign: Int64 = change.new == nil ? -1 : 1
        var account = accounts[name] ?? Account()
        account.pendingReserved += sign * (change.numbers[2] ?? 0)
        account.pendingUsed[change.times[0], default: 0] += sign * (change.numbers[3] ?? 0)
        accounts[name] = account
        touched.note(name)
    }

    func seeLedger(_ change: RowChange, _ touched: inout Touched) {
        guard let kind = change.new, let amount = change.numbers[1], let attempt = change.numbers[0] else { return }
        // A doubt that was given up as uncharged, and turns out as charged, holds nothing any more.
        var held: Int64 = 0
        switch kind {
        case "reserve": held = openReserves.insert(attempt).inserted ? 1 : 0
        case "charge", "release": held = openReserves.remove(attempt) == nil ? 0 : -1
        default: break
        }
        let used = kind == "charge" ? amount : kind == "refund" ? -amount : 0
        let names = [
            change.numbers[2].map(Account.Name.key), change.numbers[3].map(Account.Name.org),
            change.numbers[4].map(Account.Name.tenant), change.numbers[5].map(Account.Name.batch),
        ]
        for name in names.compactMap(\.self) {
            var account = accounts[name] ?? Account()
            account.foldedReserved += held
            // A month counts what is booked into it, and does not fall below nothing.
            switch name {
            case .key where change.numbers[6] == account.period, .tenant where change.times[0] == account.period:
                account.foldedUsed = max(account.foldedUsed + used, 0)
            case .batch: account.foldedUsed += used
            case .key, .tenant, .org: break
            }
            accounts[name] = account
            touched.note(name)
        }
    }

    func checkBalance(_ name: Account.Name) {
        guard let account = accounts[name] else { return }
        let reserved = account.reserved + account.pendingReserved
        if reserved != account.foldedReserved {
            report(.ledgerDrift, "\(name): reserved \(reserved), ledger \(account.foldedReserved)")
        }
        guard let row = account.used else { return }
        let used = row + account.pendingUsed[account.period, default: 0]
        if used != account.foldedUsed { report(.ledgerDrift, "\(name): used \(used), ledger \(account.foldedUsed)") }
    }

    /// Checks, right after a claim, that nothing it reserved from is over its limit: DESIGN 3.2, RULINGS 17.
    func checkLimits(_ attempt: AttemptRow) {
        notePurses(attempt)
        if let key = accounts[.key(attempt.key)] {
            let used = max(key.used ?? 0, key.providerUsed ?? 0) + key.reserved
            // A parked key's probe finds out whether the provider's month has turned; our own cap is no question.
            let isProbeOfKey = attempt.isProbe && keyStates[attempt.key] != "active"
            if !isProbeOfKey, let limit = key.providerLimit, used > limit {
                report(.overspent, "key \(attempt.key): \(used) of the provider's \(limit), attempt \(attempt.id)")
            }
        }
        if let id = keyOrgs[attempt.key], let org = accounts[.org(id)] {
            // An org that was parked is tried with one POST and no more.
            let most = org.parkedUntil == nil ? org.limit : 1
            if let most, org.reserved > most {
                report(.overspent, "org \(id): \(org.reserved) reserved of \(most), attempt \(attempt.id)")
            }
        }
        let tenant = tenantOfJob[attempt.job].map(Account.Name.tenant)
        for name in [.key(attempt.key), .batch(attempt.batch), tenant].compactMap(\.self) {
            guard let account = accounts[name], let limit = account.limit, account.spoken > limit else { continue }
            report(.overspent, "\(name): \(account.spoken) of our \(limit), attempt \(attempt.id)")
        }
    }

    /// Remembers what a claim counts against, which a month that turns later does not change.
    func notePurses(_ attempt: AttemptRow) {
        guard scenario.isAlone, let tenant = tenantOfJob[attempt.job] else { return }
        purses[attempt.id] = [Account.Name.key(attempt.key), .tenant(tenant), .batch(attempt.batch)].map { name in
            (Purse(account: name, period: accounts[name]?.period), accounts[name]?.limit)
        }
    }

    /// Counts a generation whose credit the provider keeps against every limit of ours, whatever our books say.
    ///
    /// Where others move the provider's numbers, a doubt may be taken for one that was not charged, and only there.
    func seeKept(_ attempt: AttemptRow) {
        for (purse, limit) in purses[attempt.id] ?? [] {
            kept[purse, default: 0] += 1
            if let limit, let credits = kept[purse], credits > limit {
                report(.overspent, "\(purse.account): the provider keeps \(credits) credits of \(limit)")
            }
        }
    }

    /// Counts a charge no more that was taken for none, where the provider's numbers could not show it.
    ///
    /// The org had a generation that had failed, so that its credit was back, and that was not asked about since: RULINGS
    /// 12 asks of a counter that no refund was open, and of this one only the provider knew.
    func noteRelease(of attempt: AttemptRow, at now: Duration) {
        guard let generation = postOfAttempt[attempt.id]?.generation, !generation.hasFailed else { return }
        let isHidden = postOfAttempt.contains { id, post in
            guard let other = post.generation, other.hasFailed, other.ends <= now, let row = attempts[id] else {
                return false
            }
            return row.state == "generating" && keyOrgs[row.key] == keyOrgs[attempt.key]
        }
        guard isHidden else { return }
        hiddenCharges.insert(attempt.id)
        for (purse, _) in purses.removeValue(forKey: attempt.id) ?? [] { kept[purse, default: 0] -= 1 }
    }
}
