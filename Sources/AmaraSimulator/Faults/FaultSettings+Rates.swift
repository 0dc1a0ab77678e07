extension FaultSettings {
    /// The faults that can hit a POST, in the order in which they are drawn.
    var createRates: [(AnswerFault, Double)] {
        [
            (.lostBeforeCounting, lostBeforeCountingRate), (.lostAfterCounting, lostAfterCountingRate),
            (.backendTimeout, backendTimeoutRate), (.backendError, backendErrorRate),
            (.creditError, creditErrorRate), (.internalError, internalErrorRate), (.badGateway, badGatewayRate),
            (.page, htmlRate), (.badJSON, badJSONRate),
        ]
    }

    /// The faults that can hit a poll.
    var statusRates: [(AnswerFault, Double)] {
        [
            (.lostBeforeCounting, lostReadRate), (.internalError, readErrorRate), (.page, htmlRate),
            (.badJSON, badJSONRate),
        ]
    }

    /// The faults that can hit the answer to a download.
    var downloadRates: [(AnswerFault, Double)] {
        [(.lostBeforeCounting, lostReadRate), (.internalError, readErrorRate)]
    }

    /// The faults that can hit a downloaded file.
    var fileRates: [(FileDamage, Double)] {
        [
            (.truncated, truncatedFileRate), (.short, shortFileRate), (.corrupt, corruptFileRate),
            (.page, htmlFileRate),
        ]
    }
}
