/// How often things go wrong, and how; all zero unless set.
///
/// Rates are probabilities between 0 and 1, drawn from the provider's seed. Times are real, whatever the speed.
package struct FaultSettings: Sendable, Equatable {
    // POSTs.
    package var lostBeforeCountingRate = 0.0
    package var lostAfterCountingRate = 0.0
    package var backendTimeoutRate = 0.0
    package var backendErrorRate = 0.0
    package var creditErrorRate = 0.0
    package var internalErrorRate = 0.0
    package var badGatewayRate = 0.0
    /// POSTs and polls that are answered 200 with HTML.
    package var htmlRate = 0.0
    /// POSTs and polls that are answered 200 with broken JSON.
    package var badJSONRate = 0.0

    // Refusals by the rate limit.
    package var bareRateLimitRate = 0.0
    package var absurdRetryAfterRate = 0.0
    /// What an absurd 429 says.
    package var absurdRetryAfterSeconds: Int64 = 1_000_000_000

    // Polls and downloads.
    /// Polls and downloads that are answered 500.
    package var readErrorRate = 0.0
    /// Polls and downloads whose connection closes without an answer.
    package var lostReadRate = 0.0
    package var truncatedFileRate = 0.0
    package var shortFileRate = 0.0
    package var corruptFileRate = 0.0
    package var htmlFileRate = 0.0
    package var slowDripRate = 0.0
    /// Speed of a slow download.
    package var dripBytesPerSecond = 256

    // Generations.
    package var generationFailureRate = 0.0
    /// Generations that stay at 99 % for ever.
    package var endlessGenerationRate = 0.0

    // Refunds, of 503s and of failed generations.
    /// Refunds that happen but are not reported.
    package var missingRefundFlagRate = 0.0
    /// Refunds that are reported but never happen.
    package var absentRefundRate = 0.0
    /// Time until a refund shows in the balances.
    package var refundDelay: Duration = .zero

    // Time.
    /// Time from a POST's arrival until it is counted.
    package var arrivalLatency: ClosedRange<Duration> = .zero ... .zero
    /// Time from counting a POST until it is answered.
    package var answerLatency: ClosedRange<Duration> = .zero ... .zero
    /// Time until a poll or download is answered.
    package var readLatency: ClosedRange<Duration> = .zero ... .zero
    package var outages: [Outage] = []

    /// How many faults the rates may still cause; `nil` is no bound.
    ///
    /// With a rate of 1 and a budget of 1 exactly one request is hit, the next on which the fault can be played.
    /// Latency and outages are not counted.
    package var budget: Int?

    package init() {}
}
