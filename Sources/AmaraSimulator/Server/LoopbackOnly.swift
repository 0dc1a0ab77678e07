import Hummingbird
import HummingbirdCore

/// Refuses whoever is not on this machine.
struct LoopbackOnly: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request,
        context: SimulatorContext,
        next: @concurrent (Request, SimulatorContext) async throws -> Response
    ) async throws -> Response {
        guard context.isLoopback else { throw HTTPError(.forbidden, message: "control routes answer on loopback only") }
        return try await next(request, context)
    }
}
