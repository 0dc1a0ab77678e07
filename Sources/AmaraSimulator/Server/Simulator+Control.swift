import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

extension Simulator {
    /// Routes for scripts, under `/_simulator`; they answer only to this machine, since they show secrets.
    ///
    /// | route | does |
    /// |---|---|
    /// | `GET faults` | shows the ``FaultSettings`` |
    /// | `POST faults` | replaces them; absent fields take their defaults, so `{}` ends all faults |
    /// | `POST outage` | `{"seconds": 20}`: the backend is down from now on, for so long |
    /// | `POST skip` | `{"seconds": 60}`: moves the simulator's clock forward, in real seconds |
    /// | `GET log` | `?after=SEQUENCE&limit=1000`: `{"total", "records"}`, oldest first |
    /// | `GET state` | the ``ProviderState`` |
    /// | `GET keys` | its keys alone, with their secrets |
    /// | `POST keys` | `{"name": "sim-1", "disabled": true, …}`: a ``KeyChange`` |
    /// | `POST orgs` | `{"name": "org-1", "credits": 5}` |
    /// | `GET report` | the ``SimulatorReport`` |
    func addControlRoutes(to router: Router<SimulatorContext>) {
        let control = router.group("_simulator").add(middleware: LoopbackOnly())
        control.get("faults") { _, _ in try Self.json(self.withProvider { provider, _ in provider.faults }) }
        control.post("faults") { request, _ in
            self.setFaults(try await Self.decode(FaultSettings.self, request))
            return try Self.json(self.withProvider { provider, _ in provider.faults })
        }
        control.post("outage") { request, _ in
            self.startOutage(lasting: try await Self.decode(TimeOrder.self, request).duration)
            return try Self.json(self.withProvider { provider, _ in provider.faults })
        }
        control.post("skip") { request, _ in
            self.skip(try await Self.decode(TimeOrder.self, request).duration)
            return try Self.json(self.withProvider { $0.state(at: $1) })
        }
        control.get("log") { request, _ in
            let query = request.uri.queryParameters
            let records = self.log.records(
                after: query["after"].flatMap { Int($0) } ?? 0,
                limit: query["limit"].flatMap { Int($0) } ?? 1_000
            )
            return try Self.json(LogPage(total: self.log.total, records: records))
        }
        control.get("state") { _, _ in try Self.json(self.withProvider { $0.state(at: $1) }) }
        control.get("keys") { _, _ in try Self.json(self.withProvider { $0.state(at: $1).keys }) }
        control.post("keys") { request, _ in
            let order = try await Self.decode(KeyOrder.self, request)
            guard self.withProvider({ $0.changeKey(order.name, order.change, at: $1) }) else {
                throw HTTPError(.notFound, message: "no key of that name")
            }
            return try Self.json(self.withProvider { $0.state(at: $1).keys })
        }
        control.post("orgs") { request, _ in
            let order = try await Self.decode(CreditsOrder.self, request)
            guard self.withProvider({ $0.setCredits(order.credits, ofOrg: order.name, at: $1) }) else {
                throw HTTPError(.notFound, message: "no organization of that name")
            }
            return try Self.json(self.withProvider { $0.state(at: $1).orgs })
        }
        control.get("report") { _, _ in try Self.json(self.report()) }
    }

    /// Takes the backend down from now on.
    package func startOutage(lasting duration: Duration) {
        withProvider { provider, now in
            provider.faults.outages.removeAll { $0.until <= now }
            provider.faults.outages.append(Outage(from: now, until: now + duration))
        }
    }

    private static func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var body = ByteBuffer(bytes: try encoder.encode(value))
        body.writeString("\n")
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: body)
        )
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ request: Request) async throws -> Value {
        let body = try await request.body.collect(upTo: 1 << 20)
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, message: "\(error)")
        }
    }
}
