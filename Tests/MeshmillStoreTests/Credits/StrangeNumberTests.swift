import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Numbers that no provider should name", .timeLimit(.minutes(2)))
struct StrangeNumberTests {
    private static let numbers: [Int?] = [nil, -1_000_000_000_000, -1, 0, 1, 1_000_000_000_000]
    private static let effects: [AnswerEffect] = [
        .accepted,
        .unavailable,
        AnswerEffect(
            .refused,
            credit: .release,
            job: .queue,
            org: .park(.seconds(1), cap: .seconds(1)),
            code: "PAYMENT_REQUIRED",
            message: "no credits"
        ),
    ]

    /// One account each: what its first answer says, what the second one says, and what both do.
    private static let stories = numbers.flatMap { first in
        numbers.flatMap { second in effects.map { (first, second, $0) } }
    }

    @Test("an answer is recorded whatever it says of credits and of the month, and so is the next")
    func recorded() async throws {
        try await Yard.with { yard in
            for story in Self.stories.indices { try await yard.addKeys(1, org: "\(story)") }
            try await yard.addJobs(Self.stories.count * 2)
            for round in 0..<2 {
                let attempts = try await yard.claim(Self.stories.count)
                #expect(attempts.count > (round == 0 ? Self.stories.count - 1 : 0))
                for attempt in attempts {
                    let index = try #require(attempt.keyName.split(separator: "-").first.flatMap { Int($0) })
                    let (first, second, effect) = Self.stories[index]
                    let number = round == 0 ? first : second
                    let row = try await yard.answer(
                        attempt,
                        effect,
                        used: number,
                        limit: number ?? 100,
                        remaining: number
                    )
                    #expect(row.isAccepted, "\(Self.stories[index])")
                }
                try await yard.pass(2_000)
            }
            #expect(try await yard.number("SELECT count(*) FROM meshmill.attempts WHERE state = 'submitting'") == 0)
            #expect(try await yard.imbalance() == nil)
        }
    }
}
