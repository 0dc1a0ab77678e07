import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A whole small answer: its head, and as much of its body as came and fits.
struct HTTPAnswer: Sendable {
    /// How a body ended.
    enum End: Sendable, Hashable {
        case complete
        /// There was more than the limit; the rest was not read.
        case oversized
        /// It broke off.
        case lost(NetworkFailure)
    }

    let status: Int
    let headers: HTTPHeaders
    /// Empty unless ``end`` is `complete`.
    let body: [UInt8]
    let end: End

    /// The first `Retry-After`, if it is a number of seconds.
    var retryAfter: Double? { headers.retryAfterSeconds }
}

extension HTTPHeaders {
    /// The first `Retry-After` as sent, if it is a number; a date is `nil`, since its clock is not ours.
    var retryAfterSeconds: Double? {
        self["Retry-After"].first.flatMap { Double($0) }.flatMap { $0.isNaN ? nil : $0 }
    }
}

extension HTTPClient {
    /// Sends a request and reads its answer, both before `deadline`; redirects are answers like others.
    ///
    /// - Throws: only when no head came; once there is one, a lost body is said in ``HTTPAnswer/end``.
    func exchange(
        _ request: HTTPClientRequest,
        bodyLimit: Int,
        deadline: ContinuousClock.Instant
    ) async throws -> HTTPAnswer {
        let response = try await withDeadline(deadline) {
            // This deadline ends with the head, so it adds nothing to ours.
            try await self.execute(request, deadline: .distantFuture)
        }
        func answer(_ body: [UInt8], _ end: HTTPAnswer.End) -> HTTPAnswer {
            HTTPAnswer(status: Int(response.status.code), headers: response.headers, body: body, end: end)
        }
        do {
            let body = try await withDeadline(deadline) { try await response.body.bytes(upTo: bodyLimit) }
            guard let body else { return answer([], .oversized) }
            if let announced = response.headers["Content-Length"].first.flatMap({ Int($0) }), body.count < announced {
                return answer([], .lost(_Concurrency.Task.isCancelled ? .cancelled : .connectionLost))
            }
            return answer(body, .complete)
        } catch {
            return answer([], .lost(NetworkFailure(error)))
        }
    }
}

extension HTTPClientResponse.Body {
    /// Reads everything, or stops and returns `nil` at the first byte above `limit`.
    func bytes(upTo limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await chunk in self {
            guard bytes.count + chunk.readableBytes <= limit else { return nil }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }
}
