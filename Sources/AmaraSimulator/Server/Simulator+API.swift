import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

extension Simulator {
    /// Longest body of a POST, in bytes: enough to refuse an oversized image by name.
    static let maximumBodyBytes = 16 << 20

    /// All routes.
    func routes() -> Router<SimulatorContext> {
        let router = Router(context: SimulatorContext.self)
        router.post("meshgen-api") { request, context in try await self.create(request, context) }
        router.get("meshgen-api") { request, context in try await self.read(request, context) }
        router.get("files/:id/:name") { request, context in try await self.file(request, context) }
        addControlRoutes(to: router)
        return router
    }

    private func create(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let plan = withProvider { $0.plan(.create, at: $1) }
        let body = try await request.body.collect(upTo: Self.maximumBodyBytes)
        let checked: Result<GenerationRequest, RequestProblem>
        do throws(RequestProblem) {
            checked = .success(try RequestBody.read(Data(body.readableBytesView)))
        } catch {
            checked = .failure(error)
        }
        try await pause(plan.arrivalDelay)
        let answer = decide { $0.create(secret: bearer(request), request: checked, plan: plan, at: $1) }
        try await pause(plan.answerDelay)
        return try await response(answer, plan, context)
    }

    /// A poll or a download.
    private func read(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let query = request.uri.queryParameters
        let id = query["id"].map(String.init)
        let isDownload = query["download"] == "true"
        let plan = withProvider { $0.plan(isDownload ? .download : .status, at: $1) }
        try await pause(plan.answerDelay)
        let secret = bearer(request)
        let origin = "http://\(request.head.authority ?? "\(configuration.host):\(configuration.port)")"
        let answer = decide { provider, now in
            isDownload
                ? provider.download(secret: secret, id: id, plan: plan, at: now)
                : provider.status(secret: secret, id: id, origin: origin, plan: plan, at: now)
        }
        return try await response(answer, plan, context)
    }

    /// A signed address.
    private func file(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let kind: RequestKind = context.parameters.get("name") == "thumbnail.png" ? .thumbnail : .mesh
        let plan = withProvider { $0.plan(kind, at: $1) }
        try await pause(plan.answerDelay)
        let query = request.uri.queryParameters
        let answer = decide { provider, now in
            provider.file(
                kind,
                id: context.parameters.get("id") ?? "",
                expires: query["expires_us"].flatMap { Int64($0) } ?? 0,
                signature: query["signature"].map(String.init) ?? "",
                plan: plan,
                at: now
            )
        }
        return try await response(answer, plan, context)
    }

    private func bearer(_ request: Request) -> String? {
        guard let value = request.headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return value.dropFirst(7).trimmingCharacters(in: .whitespaces)
    }

    private func pause(_ duration: Duration) async throws {
        if duration > .zero { try await Task.sleep(for: duration, tolerance: .zero) }
    }

    private func response(
        _ answer: Answer,
        _ plan: FaultPlan,
        _ context: SimulatorContext
    ) async throws -> Response {
        guard answer.status != nil else {
            // The connection goes before a byte of an answer; what is returned then finds it closed.
            try? await context.channel.close()
            return Response(status: .internalServerError)
        }
        return answer.response(bytesPerSecond: plan.bytesPerSecond)
    }
}
