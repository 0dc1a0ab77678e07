import AmaraSimulator
import Foundation
import Testing

@Suite("Fault settings as JSON")
struct FaultSettingsTests {
    private func decode(_ json: String) throws -> FaultSettings {
        try JSONDecoder().decode(FaultSettings.self, from: Data(json.utf8))
    }

    @Test("absent fields take their defaults")
    func partial() throws {
        #expect(try decode("{}") == FaultSettings())
        let settings = try decode(
            """
            {"backend_error_rate": 0.5, "answer_latency_seconds": [0.1, 4], "refund_delay_seconds": 2.5, "budget": 3,
             "outages": [{"from_seconds": 1, "until_seconds": 2}]}
            """
        )
        #expect(settings.backendErrorRate == 0.5)
        #expect(settings.answerLatency == .milliseconds(100) ... .seconds(4))
        #expect(settings.refundDelay == .milliseconds(2_500))
        #expect(settings.budget == 3)
        #expect(settings.outages == [Outage(from: .seconds(1), until: .seconds(2))])
    }

    @Test("settings survive the way out and in")
    func roundTrip() throws {
        var settings = FaultSettings()
        settings.lostAfterCountingRate = 0.25
        settings.slowDripRate = 1
        settings.dripBytesPerSecond = 10
        settings.readLatency = .milliseconds(250) ... .milliseconds(500)
        settings.outages = [Outage(from: .zero, until: .seconds(9))]
        settings.budget = 7
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(FaultSettings.self, from: data) == settings)
    }

    @Test(
        "nonsense is refused instead of ignored",
        arguments: [
            #"{"backend_eror_rate": 0.5}"#, #"{"backend_error_rate": 1.5}"#, #"{"backend_error_rate": "often"}"#,
            #"{"answer_latency_seconds": [4, 1]}"#, #"{"answer_latency_seconds": [-1, 1]}"#, #"{"budget": -1}"#,
            #"{"drip_bytes_per_second": 0}"#, #"{"outages": [{"from_seconds": -1, "until_seconds": 2}]}"#, "[]",
        ]
    )
    func nonsense(json: String) {
        #expect(throws: DecodingError.self) { try decode(json) }
    }
}
