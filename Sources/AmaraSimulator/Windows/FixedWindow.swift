/// A counter that is reset at fixed instants, one window apart.
struct FixedWindow: RateWindow {
    let limit: Int64
    let window: Int64
    let phase: Int64
    private var index = Int64.min
    private var counted: Int64 = 0

    init(limit: Int64, window: Int64, phase: Int64) {
        self.limit = limit
        self.window = window
        self.phase = phase
    }

    func standing(at now: Duration) -> WindowStanding {
        let position = WindowPosition(now.inMicroseconds, phase: phase, window: window)
        let used = position.index == index ? counted : 0
        return WindowStanding(
            limit: limit,
            used: used,
            retryAfterMicroseconds: used < limit ? 0 : window - position.elapsed
        )
    }

    mutating func count(at now: Duration) {
        let position = WindowPosition(now.inMicroseconds, phase: phase, window: window)
        if position.index != index {
            index = position.index
            counted = 0
        }
        counted += 1
    }
}
