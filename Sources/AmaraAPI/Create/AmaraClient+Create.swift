import AsyncHTTPClient
import Logging
import NIOHTTP1

extension AmaraClient {
    /// Asks for one generation, once: no retry, no redirect, a fresh connection.
    ///
    /// - Parameters:
    ///   - image: a PNG, JPEG or WebP file's bytes; base64 is made while they are sent.
    ///   - parameters: what is asked for beside the image.
    ///   - token: the key's secret.
    ///   - fence: not sent once this has passed; looked at before connecting and again before the body leaves.
    ///   - deadline: given up then, answer's body included.
    /// - Returns: how it ended, whatever that was; also when the task is cancelled.
    @concurrent
    package func create(
        image: [UInt8],
        parameters: GenerationParameters,
        token: BearerToken,
        fence: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async -> CreateOutcome {
        let now = ContinuousClock.now
        guard !Task.isCancelled else { return .notSent(.cancelled, provably: true) }
        guard now < fence else { return .notSent(.fencePassed, provably: true) }
        guard now < deadline else { return .notSent(.deadlinePassed, provably: true) }

        let gate = SendGate(fence: fence)
        let mark = census.mark
        do {
            let body = try CreateBody(image: image, parameters: parameters, gate: gate)
            var request = HTTPClientRequest(url: configuration.address.base)
            request.method = .POST
            request.headers = headers(token: token)
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: "Connection", value: "close")
            request.body = .stream(body, length: .known(Int64(body.length)))
            return CreateOutcome(
                try await creates.exchange(request, bodyLimit: configuration.maximumJSONBytes, deadline: deadline)
            )
        } catch {
            let hasBegun = gate.shut()
            logger.debug("POST ended without an answer", metadata: ["cause": "\(NetworkFailure(error).rawValue)"])
            return hasBegun
                ? .unknown(CreateUnknown(error)) : Self.notSent(error, hadConnection: !census.isNoneOpen(since: mark))
        }
    }

    /// Sorts an end before the body began; `hadConnection` is `false` only if there is proof that it had none.
    private static func notSent(_ error: any Error, hadConnection: Bool) -> CreateOutcome {
        if error is SendGate.FencePassed { return .notSent(.fencePassed, provably: false) }
        let failure = NetworkFailure(error)
        if failure == .connectionLost, !hadConnection { return .notSent(.connectionFailed, provably: true) }
        return .notSent(NotSentReason(failure), provably: failure.precedesRequest || !hadConnection)
    }
}

extension NotSentReason {
    fileprivate init(_ failure: NetworkFailure) {
        switch failure {
        case .nameNotResolved: self = .nameNotResolved
        case .connectionFailed: self = .connectionFailed
        case .connectTimeout: self = .connectTimeout
        case .tlsFailed: self = .tlsFailed
        case .proxyFailed: self = .proxyFailed
        case .connectionLost: self = .connectionLost
        case .timedOut: self = .deadlinePassed
        case .cancelled: self = .cancelled
        case .invalidRequest: self = .invalidRequest
        }
    }
}

extension CreateUnknown {
    fileprivate init(_ error: any Error) {
        let failure = NetworkFailure(error)
        let reason: Reason =
            switch failure {
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case .nameNotResolved, .connectionFailed, .connectTimeout, .tlsFailed, .proxyFailed, .connectionLost,
                .invalidRequest:
                .connectionLost
            }
        self.init(reason: reason, message: "the POST left, but no answer came (\(failure.rawValue))")
    }
}
