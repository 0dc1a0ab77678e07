import HeapModule

/// The Amara provider as a value: keys, windows, credits, the backend and its generations.
///
/// It reads no clock and draws no chance but from its seed: every call says what time it is, as the duration since
/// the start, and the same calls give the same answers. Instants that go back are taken as the latest one seen. Each
/// call takes logarithmic time at most, however many generations there are: progress and queue positions follow from
/// times that were settled when a generation was accepted.
package struct Provider: Sendable {
    package let configuration: ProviderConfiguration
    /// What goes wrong from now on.
    package var faults: FaultSettings

    var keys: [ProviderKey] = []
    var orgs: [ProviderOrg] = []
    private var keyBySecret: [String: Int] = [:]
    var backend: Backend
    var generations: GenerationTable
    var refunds = Heap<Refund>()
    let signature: FileSignature
    /// Draws ids, window phases and processing times.
    var random: SeededGenerator
    /// Draws faults, apart, so that switching faults does not change the ids.
    private var faultRandom: SeededGenerator
    private(set) var now: Duration = .zero

    /// Makes a provider whose keys have untouched windows.
    ///
    /// Of two keys with the same secret the first counts.
    package init(_ configuration: ProviderConfiguration) {
        self.configuration = configuration
        faults = configuration.faults
        backend = Backend(lanes: configuration.concurrency)
        generations = GenerationTable(capacity: configuration.maximumGenerations)
        signature = FileSignature(seed: configuration.seed)
        random = SeededGenerator(seed: configuration.seed)
        faultRandom = SeededGenerator(seed: ~configuration.seed)
        orgs = configuration.orgs.map { ProviderOrg(name: $0.name, credits: $0.credits) }
        for settings in configuration.keys {
            let org = orgIndex(named: settings.org)
            let window = makeWindow(for: settings)
            keyBySecret[settings.secret] = keyBySecret[settings.secret] ?? keys.count
            keys.append(ProviderKey(settings, org: org, window: window, monthLength: configuration.monthLength))
        }
    }

    private mutating func orgIndex(named name: String) -> Int {
        if let index = orgs.firstIndex(where: { $0.name == name }) { return index }
        orgs.append(ProviderOrg(name: name, credits: configuration.defaultOrgCredits))
        return orgs.endIndex - 1
    }

    /// An empty window for a key, whose fixed instants start anywhere.
    mutating func makeWindow(for settings: KeyConfiguration) -> any RateWindow {
        let length = settings.window ?? configuration.window
        let phase = random.duration(in: .zero...length)
        return configuration.model.makeWindow(
            limit: settings.limit ?? configuration.limit,
            window: length,
            phase: phase
        )
    }

    /// Moves time on and pays the refunds that fell due.
    mutating func advance(to instant: Duration) {
        now = max(now, instant)
        backend.advance(to: now)
        payRefunds()
    }

    /// Draws whether a fault of this rate happens, and takes it off the budget.
    mutating func plays(_ rate: Double) -> Bool {
        guard rate > 0, faults.budget != 0, faultRandom.happens(rate) else { return false }
        if let budget = faults.budget { faults.budget = budget - 1 }
        return true
    }

    /// Draws a latency.
    mutating func latency(_ range: ClosedRange<Duration>) -> Duration {
        range.upperBound == .zero ? .zero : faultRandom.duration(in: range)
    }

    /// The index of a bearer token's key; `nil` for no token, an unknown one, or a disabled key.
    func key(of secret: String?) -> Int? {
        guard let secret, let index = keyBySecret[secret], !keys[index].settings.isDisabled else { return nil }
        return index
    }

    /// Refuses a token that is unknown, disabled or without scope.
    ///
    /// - Returns: the key's index, or the 401 or 403 to answer, neither of which counts or costs anything.
    func authenticate(_ secret: String?) -> Result<Int, Refusal> {
        guard let key = key(of: secret) else {
            return .failure(Refusal(status: 401, body: ErrorBody.plain("Invalid API key")))
        }
        guard keys[key].settings.hasMeshgenScope else {
            return .failure(Refusal(status: 403, body: ErrorBody.plain("API key does not have the meshgen scope")))
        }
        return .success(key)
    }
}
