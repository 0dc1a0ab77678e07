import AmaraSimulator
import Testing

@Suite("Window models under random load")
struct WindowPropertyTests {
    private static let seeds = Array(UInt64(1)...12)

    @Test("the wait that a refusal names is exact to the microsecond", arguments: WindowModel.allCases, seeds)
    func waitIsExact(model: WindowModel, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limit = Int.random(in: 1...9, using: &random)
        let length = Duration.microseconds(Int64.random(in: 1_000...20_000_000, using: &random))
        let phase = Duration.microseconds(Int64.random(in: 0...20_000_000, using: &random))
        var window = model.makeWindow(limit: limit, window: length, phase: phase)
        var now = Duration.zero
        for step in 0..<400 {
            now += .microseconds(
                Int64.random(in: 0...(length / limit).components.attoseconds / 500_000_000_000, using: &random)
            )
            let standing = window.standing(at: now)
            #expect((0...limit).contains(standing.used), "seed \(seed), step \(step)")
            if standing.allows {
                window.count(at: now)
            } else {
                let opening = now + standing.retryAfter
                #expect(window.standing(at: opening).allows, "seed \(seed), step \(step)")
                #expect(!window.standing(at: opening - .microseconds(1)).allows, "seed \(seed), step \(step)")
            }
        }
    }

    /// A client that waits for each answer, and how long after an answer the same slot or the key may be used again.
    private enum Client: CaseIterable {
        case slots, paced, strict

        /// Models under which this client is never refused; `KEYPOOL`'s proofs.
        var covers: Set<WindowModel> {
            let counters: Set<WindowModel> = [.slidingCounterFloored, .slidingCounterStrict]
            switch self {
            case .slots: return Set(WindowModel.allCases).subtracting(counters).subtracting([.cellRate])
            case .paced: return Set(WindowModel.allCases).subtracting([.slidingCounterStrict])
            case .strict: return Set(WindowModel.allCases)
            }
        }

        func refusals(_ model: WindowModel, seed: UInt64) -> Int {
            var random = SeededGenerator(seed: seed)
            let (limit, length) = (5, Duration.seconds(10))
            let phase = Duration.microseconds(Int64.random(in: 0...10_000_000, using: &random))
            var window = model.makeWindow(limit: limit, window: length, phase: phase)
            let slots = self == .slots ? limit : 1
            let hold = self == .slots ? length : length / (self == .paced ? limit : limit - 1)
            var free = Array(repeating: Duration.zero, count: slots)
            var now = Duration.zero
            var refusals = 0
            for _ in 0..<2_000 {
                let slot = free.indices.min { free[$0] < free[$1] } ?? 0
                now = max(now, free[slot])
                now += .microseconds(Int64.random(in: 0...150_000, using: &random))
                if window.standing(at: now).allows {
                    window.count(at: now)
                } else {
                    window.refuse(at: now)
                    refusals += 1
                }
                now += .microseconds(Int64.random(in: 0...400_000, using: &random))
                free[slot] = now + hold + .microseconds(1)
            }
            return refusals
        }
    }

    @Test("a client is refused under exactly the models that its rule does not cover", arguments: WindowModel.allCases)
    func coverage(model: WindowModel) {
        for client in Client.allCases {
            let refusals = Self.seeds.prefix(4).map { client.refusals(model, seed: $0) }.reduce(0, +)
            #expect((refusals == 0) == client.covers.contains(model), "\(client): \(refusals) refusals")
        }
    }
}
