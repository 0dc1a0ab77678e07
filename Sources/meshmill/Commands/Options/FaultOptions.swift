import AmaraSimulator
import ArgumentParser

/// What goes wrong at the simulated provider; rates are shares of the requests, 0 to 1.
struct FaultOptions: ParsableArguments {
    @Option(help: "POSTs that are answered 503, refunded.")
    var backendErrorRate = 0.0

    @Option(help: "POSTs whose connection closes before they are counted.")
    var lostBeforeRate = 0.0

    @Option(help: "POSTs that take effect and are never answered.")
    var lostAfterRate = 0.0

    @Option(help: "POSTs that are answered 500.")
    var internalErrorRate = 0.0

    @Option(help: "POSTs and polls that are answered 200 with a page of HTML.")
    var htmlRate = 0.0

    @Option(help: "Polls and downloads that are answered 500.")
    var readErrorRate = 0.0

    @Option(help: "GLBs that are cut short on the way.")
    var truncatedFileRate = 0.0

    @Option(help: "GLBs that arrive damaged.")
    var corruptFileRate = 0.0

    @Option(help: "Generations that fail.")
    var failureRate = 0.0

    @Option(help: "Most time from counting a POST to its answer.")
    var latency: LengthOfTime?

    @Option(help: "How many faults there are at most. (default: no bound)")
    var faultBudget: Int?

    private var rates: [Double] {
        [
            backendErrorRate, lostBeforeRate, lostAfterRate, internalErrorRate, htmlRate, readErrorRate,
            truncatedFileRate, corruptFileRate, failureRate,
        ]
    }

    func validate() throws {
        guard rates.allSatisfy((0...1).contains) else { throw ValidationError("a rate is not within 0 to 1") }
        guard (faultBudget ?? 0) >= 0 else { throw ValidationError("--fault-budget must not be negative") }
    }

    /// The faults as the simulator takes them.
    var settings: FaultSettings {
        var settings = FaultSettings()
        settings.backendErrorRate = backendErrorRate
        settings.lostBeforeCountingRate = lostBeforeRate
        settings.lostAfterCountingRate = lostAfterRate
        settings.internalErrorRate = internalErrorRate
        settings.htmlRate = htmlRate
        settings.readErrorRate = readErrorRate
        settings.truncatedFileRate = truncatedFileRate
        settings.corruptFileRate = corruptFileRate
        settings.generationFailureRate = failureRate
        if let latency { settings.answerLatency = .zero...latency.duration }
        settings.budget = faultBudget
        return settings
    }
}
