import MeshmillCore

extension Duration {
    /// For people, in its one or two largest units: `0.3s`, `59s`, `14m59s`, `3h12m`, `2d4h`.
    var rounded: String {
        let unit: Duration
        switch self {
        case ..<(.seconds(1)): unit = .milliseconds(100)
        case ..<(.seconds(3_600)): unit = .seconds(1)
        case ..<(.seconds(86_400)): unit = .seconds(60)
        default: unit = .seconds(3_600)
        }
        return DurationText.format(unit * Int((self / unit).rounded()))
    }
}
