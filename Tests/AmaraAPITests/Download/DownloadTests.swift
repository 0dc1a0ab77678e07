import Synchronization
import Testing

@testable import AmaraAPI

/// Downloads from the API's own endpoint and from its own host.
@Suite(.timeLimit(.minutes(1))) struct DownloadTests {
    @Test("a download brings the bytes in order and says how many")
    func downloads() async throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await ScriptedServer.serving([
            .readRequest,
            .send("HTTP/1.1 200 OK\r\nContent-Type: model/gltf-binary\r\nContent-Length: \(bytes.count)\r\n\r\n"),
            .sendBytes(bytes),
        ]) { server in
            let sink = Sink()
            let report = try await withClient(server.baseURL) { client in
                try await client.download(generationID: "g-1", token: canaryToken(), into: sink.take)
            }
            #expect(report == DownloadReport(bytes: bytes.count, contentType: "model/gltf-binary"))
            #expect(sink.bytes == bytes)
            let request = try #require(await server.nextRequest())
            #expect(request.hasPrefix("GET /meshgen-api?id=g-1&download=true HTTP/1.1\r\n"))
            #expect(request.contains("Authorization: Bearer \(canary)\r\n"))
        }
    }

    @Test(
        "each status has its code",
        arguments: [
            (401, AmaraError.Code.unauthorized), (403, .unauthorized), (404, .gone), (410, .gone), (408, .serverError),
            (429, .throttled), (500, .serverError), (503, .serverError), (204, .unexpectedStatus),
            (206, .unexpectedStatus), (304, .unexpectedStatus), (418, .unexpectedStatus),
        ]
    )
    func sortsStatuses(status: Int, code: AmaraError.Code) async throws {
        let body = status == 204 || status == 304 ? "" : "no"
        let error = try await failure([ScriptedServer.answer(status, body, headers: "Retry-After: 4\r\n")])
        #expect(error.code == code)
        #expect(error.status == status)
        #expect(error.retryAfter == 4)
    }

    @Test("a download that breaks off is no success")
    func noticesTruncation() async throws {
        let error = try await failure([.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nglTF")])
        #expect(error.code == .network || error.code == .truncated)
    }

    @Test("THREAT 6: a download above its limit ends before its bytes are taken, or at the limit if it did not say")
    func capsSize() async throws {
        let limits = DownloadLimits(maximumBytes: 10)
        let announced = try await failure([.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n")], limits: limits)
        #expect(announced.code == .tooLarge)
        let surprising = try await failure([.send("HTTP/1.1 200 OK\r\n\r\n01234567890")], limits: limits)
        #expect(surprising.code == .tooLarge)
    }

    @Test("a download that drips ends below the minimum rate, or else at its timeout")
    func endsDrips() async throws {
        let drip: [ScriptedServer.Step] = [
            .send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), .drip(every: .milliseconds(10)),
        ]
        let slow = try await failure(drip, limits: DownloadLimits(rateGrace: .milliseconds(50)))
        #expect(slow.code == .tooSlow)
        let late = try await failure(drip, limits: DownloadLimits(timeout: .milliseconds(150)))
        #expect(late.code == .timedOut)
    }

    @Test("a silent download ends at the read timeout")
    func endsSilence() async throws {
        try await ScriptedServer.serving([
            .readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), .stall,
        ]) { server in
            try await withClient(server.baseURL, adjust: { $0.readTimeout = .milliseconds(100) }) { client in
                let error = await #expect(throws: AmaraError.self) {
                    try await client.download(generationID: "g", token: canaryToken(), into: { _ in })
                }
                #expect(error?.code == .timedOut)
            }
        }
    }

    @Test("an error of the sink ends the download and comes along")
    func passesSinkErrors() async throws {
        struct DiskFull: Error {}
        try await ScriptedServer.serving([.readRequest, ScriptedServer.answer(200, "bytes")]) { server in
            try await withClient(server.baseURL) { client in
                let error = await #expect(throws: AmaraError.self) {
                    try await client.download(
                        generationID: "g",
                        token: canaryToken(),
                        into: { _ in throw DiskFull() }
                    )
                }
                #expect(error?.code == .sinkFailed)
                #expect(error?.underlying is DiskFull)
            }
        }
    }

    @Test("cancelling a download ends it at once")
    func cancels() async throws {
        try await ScriptedServer.serving([
            .readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), .stall,
        ]) { server in
            try await withClient(server.baseURL) { client in
                let task = Task { () -> AmaraError? in
                    do throws(AmaraError) {
                        guard let token = BearerToken(canary) else { return nil }
                        _ = try await client.download(generationID: "g", token: token, into: { _ in })
                        return nil
                    } catch {
                        return error
                    }
                }
                _ = await server.nextRequest()
                task.cancel()
                #expect(await task.value?.code == .cancelled)
            }
        }
    }

    /// The error of a download that gets `script` after its request.
    private func failure(
        _ script: [ScriptedServer.Step],
        limits: DownloadLimits = .glb
    ) async throws -> AmaraError {
        try await ScriptedServer.serving([.readRequest] + script) { server in
            try await withClient(server.baseURL) { client in
                try #require(
                    await #expect(throws: AmaraError.self) {
                        try await client.download(
                            generationID: "g",
                            token: canaryToken(),
                            limits: limits,
                            into: { _ in }
                        )
                    }
                )
            }
        }
    }
}

/// Keeps what a download brings.
final class Sink: Sendable {
    private let taken = Mutex<[UInt8]>([])

    var bytes: [UInt8] { taken.withLock { $0 } }

    @Sendable func take(_ bytes: [UInt8]) {
        taken.withLock { $0 += bytes }
    }
}
