/// Where an instant lies among windows that start at fixed instants; all in microseconds.
struct WindowPosition {
    /// Number of the window; negative before the first phase.
    let index: Int64
    /// Time since that window started, from zero to just below its length.
    let elapsed: Int64

    init(_ now: Int64, phase: Int64, window: Int64) {
        let (quotient, remainder) = (now - phase).quotientAndRemainder(dividingBy: window)
        index = remainder < 0 ? quotient - 1 : quotient
        elapsed = remainder < 0 ? remainder + window : remainder
    }
}
