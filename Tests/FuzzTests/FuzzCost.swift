import Glibc

/// What one input costs, by each clock that sees it.
struct FuzzCost {
    /// Clocks, and the most seconds that one input may take by them.
    ///
    /// The thread's own stands still while others have the processor, but also while libvips decodes in threads of its
    /// own. For those there is the process's where nothing else runs in it, as in `make fuzz`; else the wall's, with
    /// room for seven other tests on two processors.
    private static let clocks: [(id: clockid_t, longest: Double)] = [
        (id: CLOCK_THREAD_CPUTIME_ID, longest: 2),
        (id: isAlone ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, longest: isAlone ? 2 : 30),
    ]
    private static var isAlone: Bool { FuzzTime.seconds != nil }

    private let start = Self.clocks.map { Self.now($0.id) }

    /// Throws if it was too much.
    func check() throws {
        for (clock, began) in zip(Self.clocks, start) {
            let time = Self.now(clock.id) - began
            try BrokenPromise.unless(time < clock.longest, "it took \(time) s")
        }
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
