import AmaraAPI
import AmaraSimulator
import Testing

/// A provider driven without HTTP, by hand-set times.
struct Bench {
    var provider: Provider
    /// Secrets of the keys, in their order.
    let secrets: [String]

    init(_ configuration: ProviderConfiguration = ProviderConfiguration()) {
        provider = Provider(configuration)
        secrets = configuration.keys.map(\.secret)
    }

    /// POSTs an image of its own number with a key, at an instant in seconds.
    mutating func post(
        _ image: Int = 0,
        key: Int = 0,
        at seconds: Double = 0,
        _ fault: AnswerFault? = nil
    ) -> Answer {
        var plan = FaultPlan()
        plan.answer = fault
        return provider.create(
            secret: secrets[key],
            request: .success(Samples.request(image)),
            plan: plan,
            at: .seconds(seconds)
        )
    }

    /// POSTs an image and gives back the generation's id.
    mutating func start(_ image: Int = 0, key: Int = 0, at seconds: Double = 0) throws -> String {
        try #require(post(image, key: key, at: seconds).record.generationID)
    }

    mutating func status(_ id: String, key: Int = 0, at seconds: Double) -> Answer {
        provider.status(secret: secrets[key], id: id, origin: "http://sim", at: .seconds(seconds))
    }

    mutating func download(_ id: String, key: Int = 0, at seconds: Double) -> Answer {
        provider.download(secret: secrets[key], id: id, at: .seconds(seconds))
    }

    /// Credits of the first organization.
    mutating func credits(at seconds: Double) -> Int? {
        provider.state(at: .seconds(seconds)).orgs.first?.credits
    }
}

extension Answer {
    /// The names of a JSON body's fields, in their order.
    var fields: [String] {
        guard case .json(.object(let members)) = body else { return [] }
        return members.map(\.name)
    }

    /// Status and code in one, for tables.
    var verdict: String {
        [status.map(String.init) ?? "lost", record.code?.rawValue].compactMap(\.self).joined(separator: " ")
    }
}
