extension FaultSettings: Codable {
    /// Every setting's name in JSON; times are in seconds, ranges are `[least, most]`.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case lostBeforeCountingRate = "lost_before_counting_rate"
        case lostAfterCountingRate = "lost_after_counting_rate"
        case backendTimeoutRate = "backend_timeout_rate"
        case backendErrorRate = "backend_error_rate"
        case creditErrorRate = "credit_error_rate"
        case internalErrorRate = "internal_error_rate"
        case badGatewayRate = "bad_gateway_rate"
        case htmlRate = "html_rate"
        case badJSONRate = "bad_json_rate"
        case bareRateLimitRate = "bare_rate_limit_rate"
        case absurdRetryAfterRate = "absurd_retry_after_rate"
        case readErrorRate = "read_error_rate"
        case lostReadRate = "lost_read_rate"
        case truncatedFileRate = "truncated_file_rate"
        case shortFileRate = "short_file_rate"
        case corruptFileRate = "corrupt_file_rate"
        case htmlFileRate = "html_file_rate"
        case slowDripRate = "slow_drip_rate"
        case generationFailureRate = "generation_failure_rate"
        case endlessGenerationRate = "endless_generation_rate"
        case missingRefundFlagRate = "missing_refund_flag_rate"
        case absentRefundRate = "absent_refund_rate"
        case absurdRetryAfterSeconds = "absurd_retry_after_seconds"
        case dripBytesPerSecond = "drip_bytes_per_second"
        case budget
        case refundDelay = "refund_delay_seconds"
        case arrivalLatency = "arrival_latency_seconds"
        case answerLatency = "answer_latency_seconds"
        case readLatency = "read_latency_seconds"
        case outages
    }

    /// The rates, by name.
    private static var rates: [(CodingKeys, WritableKeyPath<FaultSettings, Double>)] {
        [
            (.lostBeforeCountingRate, \.lostBeforeCountingRate), (.lostAfterCountingRate, \.lostAfterCountingRate),
            (.backendTimeoutRate, \.backendTimeoutRate), (.backendErrorRate, \.backendErrorRate),
            (.creditErrorRate, \.creditErrorRate), (.internalErrorRate, \.internalErrorRate),
            (.badGatewayRate, \.badGatewayRate), (.htmlRate, \.htmlRate), (.badJSONRate, \.badJSONRate),
            (.bareRateLimitRate, \.bareRateLimitRate), (.absurdRetryAfterRate, \.absurdRetryAfterRate),
            (.readErrorRate, \.readErrorRate), (.lostReadRate, \.lostReadRate),
            (.truncatedFileRate, \.truncatedFileRate), (.shortFileRate, \.shortFileRate),
            (.corruptFileRate, \.corruptFileRate), (.htmlFileRate, \.htmlFileRate), (.slowDripRate, \.slowDripRate),
            (.generationFailureRate, \.generationFailureRate), (.endlessGenerationRate, \.endlessGenerationRate),
            (.missingRefundFlagRate, \.missingRefundFlagRate), (.absentRefundRate, \.absentRefundRate),
        ]
    }

    private static var latencies: [(CodingKeys, WritableKeyPath<FaultSettings, ClosedRange<Duration>>)] {
        [
            (.arrivalLatency, \.arrivalLatency), (.answerLatency, \.answerLatency), (.readLatency, \.readLatency),
        ]
    }

    /// Reads settings in which every field may be absent.
    ///
    /// - Throws: `DecodingError` that names an unknown field, a rate outside 0...1 or a negative time.
    package init(from decoder: any Decoder) throws {
        self.init()
        for key in try decoder.container(keyedBy: AnyCodingKey.self).allKeys
        where CodingKeys(stringValue: key.stringValue) == nil {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath + [key], debugDescription: "no such fault setting")
            )
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func require(_ holds: Bool, _ key: CodingKeys, _ rule: String) throws {
            guard holds else { throw DecodingError.dataCorruptedError(forKey: key, in: fields, debugDescription: rule) }
        }
        for (key, path) in Self.rates {
            guard let rate = try fields.decodeIfPresent(Double.self, forKey: key) else { continue }
            try require((0...1).contains(rate), key, "a rate lies between 0 and 1")
            self[keyPath: path] = rate
        }
        for (key, path) in Self.latencies {
            guard let range = try fields.decodeIfPresent(ClosedRange<Double>.self, forKey: key) else { continue }
            try require((0...86_400).contains(range.upperBound) && range.lowerBound >= 0, key, "0 to 86400 seconds")
            self[keyPath: path] = .seconds(range.lowerBound) ... .seconds(range.upperBound)
        }
        if let seconds = try fields.decodeIfPresent(Double.self, forKey: .refundDelay) {
            try require((0...1e9).contains(seconds), .refundDelay, "0 to 1e9 seconds")
            refundDelay = .seconds(seconds)
        }
        if let seconds = try fields.decodeIfPresent(Int64.self, forKey: .absurdRetryAfterSeconds) {
            absurdRetryAfterSeconds = seconds
        }
        if let speed = try fields.decodeIfPresent(Int.self, forKey: .dripBytesPerSecond) {
            try require(speed > 0, .dripBytesPerSecond, "more than 0")
            dripBytesPerSecond = speed
        }
        if let budget = try fields.decodeIfPresent(Int.self, forKey: .budget) {
            try require(budget >= 0, .budget, "0 or more")
            self.budget = budget
        }
        outages = try fields.decodeIfPresent([Outage].self, forKey: .outages) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        for (key, path) in Self.rates { try fields.encode(self[keyPath: path], forKey: key) }
        for (key, path) in Self.latencies {
            let range = self[keyPath: path]
            try fields.encode(range.lowerBound.inSeconds...range.upperBound.inSeconds, forKey: key)
        }
        try fields.encode(refundDelay.inSeconds, forKey: .refundDelay)
        try fields.encode(absurdRetryAfterSeconds, forKey: .absurdRetryAfterSeconds)
        try fields.encode(dripBytesPerSecond, forKey: .dripBytesPerSecond)
        try fields.encode(budget, forKey: .budget)
        try fields.encode(outages, forKey: .outages)
    }
}
