/// A key's standing with the provider.
struct ProviderKey: Sendable {
    var settings: KeyConfiguration
    /// Index of its organization.
    let org: Int
    var window: any RateWindow
    var monthlyUsed: Int
    private var monthTurnsAt: Duration?
    private let monthLength: Duration

    init(_ settings: KeyConfiguration, org: Int, window: any RateWindow, monthLength: Duration) {
        self.settings = settings
        self.org = org
        self.window = window
        self.monthLength = max(monthLength, .microseconds(1))
        monthlyUsed = settings.monthlyUsed
        monthTurnsAt = settings.monthTurnsAt
    }

    /// Starts a new month if its time has come.
    mutating func turnMonth(at now: Duration) {
        guard let turn = monthTurnsAt, now >= turn else { return }
        let months = (now - turn).inMicroseconds / max(1, monthLength.inMicroseconds) + 1
        monthTurnsAt = turn + monthLength * Int(months)
        monthlyUsed = 0
    }

    /// Whether this month's limit is reached.
    var isSpent: Bool {
        settings.monthlyLimit.map { monthlyUsed >= $0 } ?? false
    }
}
