import MeshmillSimulation
import Testing

@Suite("Fair shares", .timeLimit(.minutes(3)))
struct FairnessTests {
    @Test(
        "while tenants have work, service divided by weight differs by no more than a slot for each claimer",
        arguments: FairnessScenario.all(scale: 0.15)
    )
    func rows(_ scenario: FairnessScenario) async throws {
        let result = try await Fairness.play(scenario)
        #expect(result.isFair, "\(FairnessResult.table([result]))")
    }
}
