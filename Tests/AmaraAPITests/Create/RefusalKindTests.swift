import Testing

@testable import AmaraAPI

@Suite struct RefusalKindTests {
    @Test("every 3xx and 4xx and 503 is a refusal, and no other status is")
    func coversStatuses() {
        for status in 0...999 {
            let isRefusal = (300...499).contains(status) || status == 503
            for code in [nil, ErrorCode.billing, ErrorCode(rawValue: "NEW")] {
                #expect((RefusalKind(status: status, code: code) != nil) == isRefusal, "status \(status)")
            }
        }
    }

    @Test("a code means something only on its own status")
    func bindsCodesToStatuses() {
        #expect(RefusalKind(status: 400, code: .billing) == .badRequest)
        #expect(RefusalKind(status: 402, code: .imageValidation) == .paymentRequired)
        #expect(RefusalKind(status: 429, code: .backendTimeout) == .rateLimited)
        #expect(RefusalKind(status: 503, code: .rateLimitExceeded) == .backendError)
    }
}
