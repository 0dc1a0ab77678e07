import MeshmillCore
import MeshmillStore
import Testing

@Suite("Orgs out of credits", .timeLimit(.minutes(2)))
struct OrgTests {
    @Test("FAULTS 18: one refusal parks all keys of the org; one real job probes it, later and later, until it works")
    func parked() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3)
            try await yard.addKeys(1, org: "other")
            try await yard.addJobs(30)
            for attempt in try await yard.claim(4) {
                let isOther = attempt.keyName == "other-1"
                try await yard.answer(attempt, isOther ? .accepted : .outOfCredits, remaining: isOther ? 9 : 0)
            }
            func ofOrg() async throws -> [ClaimedAttempt] {
                let claim = try await yard.claim(9)
                for other in claim where other.keyName == "other-1" { try await yard.answer(other) }
                return claim.filter { $0.keyName != "other-1" }
            }
            #expect(try await ofOrg().isEmpty)
            try await yard.pass(901)
            let probe = try await ofOrg()
            #expect(probe.count == 1, "three refusals at once are one")
            try await yard.answer(probe[0], .outOfCredits, remaining: 0)
            try await yard.pass(901)
            #expect(try await ofOrg().isEmpty, "the wait doubles")
            try await yard.pass(901)
            let second = try await ofOrg()
            #expect(second.count == 1)
            // A top-up, seen by the probe, wakes them all.
            try await yard.answer(second[0], remaining: 49)
            #expect(try await ofOrg().count == 3)
            #expect(try await yard.corrections() == "adjust 50")
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("three deductions that failed in a row park the org; a success in between starts the count anew")
    func creditErrors() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(30)
            let error = AnswerEffect(
                .refused,
                credit: .doubt,
                job: .schedule(.seconds(30)),
                count: .provider,
                code: "CREDIT_ERROR",
                message: "x"
            )
            func fail() async throws {
                try await yard.answer(try #require(try await yard.claim(1).first), error, remaining: nil)
            }
            try await fail()
            try await fail()
            try await yard.post()
            try await fail()
            try await fail()
            try await yard.pass(901)
            #expect(try await yard.number("SELECT count(*) FROM meshmill.orgs WHERE parked_until IS NOT NULL") == 0)
            try await fail()
            #expect(try await yard.claim(1).isEmpty)
            #expect(try await yard.text("SELECT reason FROM ops.orgs")?.contains("3 times") == true)
        }
    }
}
