/// Walks through all schedules, each once, depth first.
///
/// What can come next is only known while a schedule is played (some sessions wait for locks), so each schedule is
/// played from the start along the path so far, and goes on with the first choice where the path ends.
struct ScheduleTree {
    private struct Choice {
        let options: [Int]
        var index = 0
    }

    private var path: [Choice] = []
    private var depth = 0

    /// Whether this play met other options than an earlier one along the same path, and so must be repeated.
    private(set) var hasDiverged = false

    /// Goes to the start of the path.
    mutating func restart() {
        depth = 0
        hasDiverged = false
    }

    /// Picks one of the options and returns its index.
    mutating func choose(among options: [Int]) -> Int {
        defer { depth += 1 }
        if depth == path.count { path.append(Choice(options: options)) }
        if depth < path.count, path[depth].options == options { return path[depth].index }
        hasDiverged = true
        return 0
    }

    /// Goes on to the next schedule; false when there is none.
    mutating func advance() -> Bool {
        restart()
        while let last = path.last {
            if last.index + 1 < last.options.count {
                path[path.count - 1].index += 1
                return true
            }
            path.removeLast()
        }
        return false
    }
}
