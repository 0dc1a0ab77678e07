import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension AmaraClient {
    /// Takes the bytes of a download, in order; what it throws ends the download as `sinkFailed`.
    package typealias DownloadSink = @Sendable (_ bytes: [UInt8]) async throws -> Void

    /// Most redirects followed.
    private static let maximumRedirects = 3

    /// Fetches a finished GLB from the API's own download endpoint.
    ///
    /// Bytes reach the sink as they come and may be followed by an error: they are a whole file only when this returns.
    /// The token goes along on redirects to the same origin and is dropped on all others.
    ///
    /// - Parameters:
    ///   - generationID: as the create answer gave it.
    ///   - token: of the key that created it.
    ///   - limits: what it may take.
    ///   - sink: takes the bytes.
    /// - Returns: how many bytes came; whether they are a GLB is the caller's to check.
    /// - Throws: every end but the whole file, also cancellation.
    @concurrent
    package func download(
        generationID: String,
        token: BearerToken,
        limits: DownloadLimits = .glb,
        into sink: @escaping DownloadSink
    ) async throws(AmaraError) -> DownloadReport {
        try await download(
            ResultAddress(ownDownloadOf: generationID, configuration),
            token: token,
            limits: limits,
            into: sink
        )
    }

    /// Fetches a result from a URL that the provider named, which may be hostile.
    ///
    /// - Parameters:
    ///   - url: a `glb_url` or `thumbnail_url`.
    ///   - token: sent only if the URL has the API's own origin; `nil` sends none anywhere.
    ///   - limits: what it may take.
    ///   - sink: takes the bytes, as for the API's own download.
    /// - Returns: how many bytes came.
    /// - Throws: `forbiddenURL` unless the URL is https (or http, if the base URL is) and leads to the API's own host or
    ///   to a public address; and what any download throws.
    @concurrent
    package func download(
        url: String,
        token: BearerToken? = nil,
        limits: DownloadLimits = .glb,
        into sink: @escaping DownloadSink
    ) async throws(AmaraError) -> DownloadReport {
        try await download(ResultAddress(url, configuration), token: token, limits: limits, into: sink)
    }

    private func download(
        _ address: ResultAddress,
        token: BearerToken?,
        limits: DownloadLimits,
        into sink: @escaping DownloadSink
    ) async throws(AmaraError) -> DownloadReport {
        let deadline = ContinuousClock.now + limits.timeout
        do {
            return try await withDeadline(deadline) {
                let response = try await self.open(address, token: token)
                return try await response.deliver(limits: limits, to: sink)
            }
        } catch let error as AmaraError {
            throw error
        } catch {
            throw AmaraError(downloading: error)
        }
    }

    /// Sends the GET, follows redirects, and returns the answer if it is a 200.
    private func open(_ start: ResultAddress, token: BearerToken?) async throws -> HTTPClientResponse {
        var address = start
        for _ in 0...Self.maximumRedirects {
            let isOwn = address.origin == configuration.address.origin
            var request = HTTPClientRequest(url: address.url)
            request.headers = headers(token: isOwn ? token : nil)
            let isOwnHost = address.origin.host == configuration.address.origin.host
            let response = try await (isOwnHost ? reads : results).execute(request, deadline: .distantFuture)
            switch response.status.code {
            case 200: return response
            case 301, 302, 303, 307, 308:
                address = try address.following(response.headers["Location"].first, configuration)
            case let status: throw AmaraError(downloadStatus: Int(status), response.headers, isOwn: isOwn)
            }
        }
        throw AmaraError(.forbiddenRedirect, "more than \(Self.maximumRedirects) redirects; the result is refused")
    }
}

extension HTTPClientResponse {
    /// Hands the body on within its limits.
    fileprivate func deliver(
        limits: DownloadLimits,
        to sink: AmaraClient.DownloadSink
    ) async throws -> DownloadReport {
        let announced = headers["Content-Length"].first.flatMap { Int($0) }
        if let announced, announced > limits.maximumBytes { throw AmaraError(tooLargeFor: limits) }
        let start = ContinuousClock.now
        var count = 0
        for try await chunk in body {
            count += chunk.readableBytes
            guard count <= limits.maximumBytes else { throw AmaraError(tooLargeFor: limits) }
            do {
                try await sink([UInt8](chunk.readableBytesView))
            } catch {
                throw AmaraError(.sinkFailed, "the downloaded bytes could not be written", underlying: error)
            }
            let elapsed = ContinuousClock.now - start
            if elapsed > limits.rateGrace,
                Double(count) < Double(limits.minimumBytesPerSecond) * (elapsed / .seconds(1))
            {
                throw AmaraError(.tooSlow, "the download is slower than \(limits.minimumBytesPerSecond) bytes a second")
            }
        }
        try Task.checkCancellation()
        if let announced, count < announced {
            throw AmaraError(.truncated, "the download ended after \(count) of \(announced) bytes; fetch it again")
        }
        return DownloadReport(
            bytes: count,
            contentType: headers["Content-Type"].first.map { CleanedText.clean($0, limit: 100) }
        )
    }
}

extension AmaraError {
    fileprivate init(tooLargeFor limits: DownloadLimits) {
        self.init(.tooLarge, "the download is larger than the limit of \(limits.maximumBytes) bytes")
    }

    /// What a status other than 200 means for a download.
    fileprivate init(downloadStatus status: Int, _ headers: HTTPHeaders, isOwn: Bool) {
        let code: Code =
            switch status {
            case 401, 403: isOwn ? .unauthorized : .gone
            case 404, 410: .gone
            case 408, 500...599: .serverError
            case 429: .throttled
            case _: .unexpectedStatus
            }
        self.init(
            code,
            "the download was answered with HTTP \(status)",
            status: status,
            retryAfter: headers.retryAfterSeconds
        )
    }

    fileprivate init(downloading error: any Error) {
        if error is AddressNotPublic {
            self.init(.forbiddenURL, "the URL's host resolves to an address that is not on the public internet")
            return
        }
        let failure = NetworkFailure(error)
        switch failure {
        case .cancelled: self.init(.cancelled, "the download was cancelled")
        case .timedOut: self.init(.timedOut, "the download took too long, or no byte came for too long; fetch it again")
        case .nameNotResolved, .connectionFailed, .connectTimeout, .tlsFailed, .proxyFailed, .connectionLost,
            .invalidRequest:
            self.init(.network, "the download failed: \(failure.rawValue); fetch it again")
        }
    }
}
