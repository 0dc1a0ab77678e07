/// Runs `attempt` with ever longer times, until it is happy with one.
///
/// What must happen *before* a time is up happens on an idle machine in the first and shortest; a busy one gets longer.
///
/// - Returns: the first result that is not `nil`.
func withGrowingTime<Result>(_ attempt: (_ time: Duration) async throws -> Result?) async throws -> Result {
    for milliseconds in [100, 400, 1_600, 6_400, 25_600] {
        if let result = try await attempt(.milliseconds(milliseconds)) { return result }
    }
    throw Unexpected("nothing happened in time")
}
