/// A change that is tried in a forecast before anybody makes it, such as `add-keys=2` or `move-quota=a:b:50`.
package enum WhatIf: Sendable, Hashable {
    /// So many more keys like the first of the pool, unused so far.
    case addKeys(Int)
    case pauseKey(String)
    case rateLimit(key: String, Int)
    case rateWindow(key: String, Duration)
    case reserveSlots(key: String, Int)
    case quota(key: String, Int)
    case moveQuota(from: String, to: String, Int)
    case weight(tenant: String, Double)
    case credits(org: String, Int)

    /// All forms, for help and errors.
    package static let forms = """
        add-keys=N, pause-key=KEY, rate-limit=KEY:N, rate-window=KEY:15m, reserve-slots=KEY:N, quota=KEY:N, \
        move-quota=FROM:TO:N, weight=TENANT:W, credits=ORG:N
        """

    /// Reads a change as it is typed; nil if it is none of ``forms``.
    package init?(_ text: String) {
        guard let sign = text.firstIndex(of: "=") else { return nil }
        let value = String(text[text.index(after: sign)...])
        // Names may have colons themselves, numbers have none.
        let parts = value.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let (name, last) = (parts.dropLast().joined(separator: ":"), parts.last ?? "")
        let count = Int(last).flatMap { $0 >= 0 ? $0 : nil }
        switch text[..<sign] {
        case "add-keys":
            guard let count, parts.count == 1, (1...100_000).contains(count) else { return nil }
            self = .addKeys(count)
        case "pause-key":
            guard !value.isEmpty else { return nil }
            self = .pauseKey(value)
        case "rate-limit":
            guard let count, !name.isEmpty, (1...1_000).contains(count) else { return nil }
            self = .rateLimit(key: name, count)
        case "rate-window":
            guard let window = DurationText.parse(last), window > .zero, !name.isEmpty else { return nil }
            self = .rateWindow(key: name, window)
        case "reserve-slots":
            guard let count, !name.isEmpty else { return nil }
            self = .reserveSlots(key: name, count)
        case "quota":
            guard let count, !name.isEmpty else { return nil }
            self = .quota(key: name, count)
        case "move-quota":
            guard let count, parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
            self = .moveQuota(from: parts[0], to: parts[1], count)
        case "weight":
            guard let weight = Double(last), weight > 0, weight < 1e6, !name.isEmpty else { return nil }
            self = .weight(tenant: name, weight)
        case "credits":
            guard let count, !name.isEmpty else { return nil }
            self = .credits(org: name, count)
        default: return nil
        }
    }
}

extension ForecastInput {
    /// Why a change cannot be tried: it names what is not there, or takes more than there is.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        /// One line: the thing and the cause.
        package let description: String
    }

    /// Makes the change in this forecast's input alone.
    package mutating func apply(_ change: WhatIf) throws(Problem) {
        switch change {
        case .addKeys(let count):
            guard let model = keys.first else { throw Problem(description: "there is no key to be like") }
            for number in 1...count {
                var key = model
                key.name = "new-\(number)"
                key.slots = Array(repeating: .zero, count: key.limit)
                key.blockedFor = .zero
                key.monthlyLeft = key.monthlyLimit
                keys.append(key)
            }
        case .pauseKey(let name):
            keys.remove(at: try key(name))
        case .rateLimit(let name, let limit):
            let index = try key(name)
            // As a live change does it: the newest uses stay.
            let slots = keys[index].slots.sorted(by: >).prefix(limit)
            keys[index].slots = slots + Array(repeating: .zero, count: limit - slots.count)
            keys[index].limit = limit
            keys[index].reserve = min(keys[index].reserve, limit - 1)
        case .rateWindow(let name, let window):
            let index = try key(name)
            let change = window - keys[index].window
            keys[index].slots = keys[index].slots.map { $0 > .zero ? max($0 + change, .zero) : $0 }
            keys[index].window = window
        case .reserveSlots(let name, let count):
            let index = try key(name)
            guard count < keys[index].limit else {
                throw Problem(description: "\(name) has only \(keys[index].limit) slots")
            }
            keys[index].reserve = count
        case .quota(let name, let quota):
            let index = try key(name)
            let used = (keys[index].monthlyLimit ?? 0) - (keys[index].monthlyLeft ?? 0)
            keys[index].monthlyLimit = quota
            keys[index].monthlyLeft = max(quota - used, 0)
        case .moveQuota(let from, let to, let credits):
            let (source, target) = (try key(from), try key(to))
            guard let left = keys[source].monthlyLeft, left >= credits else {
                let left = keys[source].monthlyLeft.map { "\($0) credits" } ?? "no limit"
                throw Problem(description: "\(from) has \(left) left this month, \(credits) were to move")
            }
            guard keys[target].monthlyLimit != nil else { throw Problem(description: "\(to) has no limit") }
            for (index, change) in [(source, -credits), (target, credits)] {
                keys[index].monthlyLeft = keys[index].monthlyLeft.map { $0 + change }
                keys[index].monthlyLimit = keys[index].monthlyLimit.map { $0 + change }
            }
        case .weight(let name, let weight):
            guard let index = tenants.firstIndex(where: { $0.name == name }) else {
                throw Problem(description: "there is no tenant \(name)")
            }
            tenants[index].weight = weight
        case .credits(let name, let credits):
            guard let index = orgs.firstIndex(where: { $0.name == name }) else {
                throw Problem(description: "there is no org \(name)")
            }
            orgs[index].creditsLeft = credits
        }
    }

    private func key(_ name: String) throws(Problem) -> Int {
        guard let index = keys.firstIndex(where: { $0.name == name }) else {
            throw Problem(description: "there is no key \(name) that could be used")
        }
        return index
    }
}

extension Forecast {
    /// The least number of keys like the first that ends a batch in time.
    ///
    /// - Parameters:
    ///   - input: what is known now.
    ///   - batch: its position in the input.
    ///   - deadline: from now.
    ///   - most: more keys than this are not tried.
    /// - Returns: how many keys must be added; 0 if there are enough; nil if no number up to `most` does.
    /// - Throws: `CancellationError`.
    package static func keysToAdd(
        _ input: ForecastInput,
        batch: Int,
        deadline: Duration,
        most: Int = 10_000
    ) throws(CancellationError) -> Int? {
        func isEnough(_ count: Int) throws(CancellationError) -> Bool {
            var more = input
            if count > 0 { do { try more.apply(.addKeys(count)) } catch { return false } }
            return try run(more).batches[batch].endsIn.map { $0 <= deadline } ?? false
        }
        if try isEnough(0) { return 0 }
        var (few, many) = (0, 1)
        while try !isEnough(many) {
            guard many < most else { return nil }
            (few, many) = (many, min(many * 2, most))
        }
        while many - few > 1 {
            let middle = (few + many) / 2
            if try isEnough(middle) { many = middle } else { few = middle }
        }
        return many
    }
}
