import HeapModule

extension Provider {
    /// The instant that the rate limiter sees.
    var limiterNow: Duration {
        let grain = configuration.limiterGranularity.inMicroseconds
        guard grain > 1 else { return now }
        let instant = now.inMicroseconds
        return .microseconds(instant - instant % grain)
    }

    /// Counts a POST in its key's window, if it has room, and notes the outcome.
    ///
    /// It can lack room only for a refusal that came before the rate limit was looked at.
    mutating func count(_ key: Int, _ record: inout RequestRecord) {
        if keys[key].window.standing(at: limiterNow).allows {
            keys[key].window.count(at: limiterNow)
            record.isCounted = true
        } else {
            keys[key].window.refuse(at: limiterNow)
        }
        record.windowUsed = keys[key].window.standing(at: limiterNow).used
    }

    /// Takes the price of one generation from the organization and from the key's month.
    mutating func charge(_ key: Int) {
        orgs[keys[key].org].credits -= Self.creditsPerGeneration
        keys[key].monthlyUsed += Self.creditsPerGeneration
    }

    /// Gives the price back, now or later, unless a fault keeps it.
    ///
    /// `event` is when the reason for the refund arises. The result is the flag to report; `nil` leaves it out.
    mutating func refund(_ key: Int, at event: Duration) -> Bool? {
        if !plays(faults.absentRefundRate) {
            refunds.insert(Refund(due: event + faults.refundDelay, key: key))
            payRefunds()
        }
        return plays(faults.missingRefundFlagRate) ? nil : true
    }

    /// Pays the refunds that fell due.
    mutating func payRefunds() {
        while let refund = refunds.min, refund.due <= now {
            refunds.removeMin()
            orgs[keys[refund.key].org].credits += Self.creditsPerGeneration
            guard configuration.refundsMonthlyUse else { continue }
            keys[refund.key].monthlyUsed = max(0, keys[refund.key].monthlyUsed - Self.creditsPerGeneration)
        }
    }
}
