import MeshmillCore
import MeshmillStore
import MeshmillSubmission
import PostgresClient

/// A forecast for the new work and for all that waits, and how to show it.
struct Plan {
    private let situation: ForecastSituation
    private let result: ForecastResult
    /// Without the changes of `--what-if`; nil if there are none.
    private let before: ForecastResult?
    /// The new work's position among the batches; nil: there is none.
    private let new: Int?
    private let newJobs: Int
    private let deadline: Duration?
    private let keysToAdd: Int?
    private let now: PostgresTimestamp
    /// Whether the switch lets anything start.
    private let isSubmitting: Bool

    /// Reads the installation and plays the schedule forward.
    ///
    /// - Throws: ``Failure`` for a change that cannot be tried or a tenant that is not there; `PostgresError`;
    ///   `CancellationError`.
    init(_ command: PlanCommand, newJobs: Int?, _ installation: Installation) async throws {
        let client = installation.client
        var situation = try await ForecastSituation(client)
        now = try await client.query(ReadClock()).first ?? .negativeInfinity
        isSubmitting = try await client.query(ReadInstallation()).first?.isSubmitting ?? true
        if !situation.isMeasured {
            situation.input.pace.generations =
                switch command.mode {
                case .fast: ForecastPace.fast
                case .standard: ForecastPace.standard
                case .detailed: ForecastPace.detailed
                }
        }
        if let newJobs {
            guard let tenant = situation.input.tenants.firstIndex(where: { $0.name == command.tenant }) else {
                throw Failure(.usage, "there is no tenant \(command.tenant) that is not paused; see: meshmill status")
            }
            new = situation.input.batches.count
            situation.input.batches.append(
                ForecastBatch(
                    id: nil,
                    tenant: tenant,
                    priority: command.priority,
                    waiting: newJobs,
                    creditsLeft: command.maxCredits
                )
            )
        } else {
            new = nil
        }
        self.newJobs = newJobs ?? 0
        before = command.whatIf.isEmpty ? nil : try await Self.play(situation.input)
        for change in command.whatIf {
            do { try situation.input.apply(change) } catch { throw Failure(.usage, "--what-if: \(error)") }
        }
        self.situation = situation
        result = try await Self.play(situation.input)
        deadline = command.deadline?.duration
        if let deadline, let new {
            keysToAdd = try Forecast.keysToAdd(situation.input, batch: new, deadline: deadline)
        } else {
            keysToAdd = nil
        }
    }

    @concurrent private static func play(_ input: ForecastInput) async throws -> ForecastResult {
        try Forecast.run(input)
    }

    /// Credits that the orgs are known to have; nil: not known.
    private var creditsKnown: Int? {
        let known = situation.input.orgs.compactMap(\.creditsLeft)
        return known.isEmpty ? nil : known.reduce(0, +)
    }
}

extension Plan {
    var fields: [(String, JSONValue)] {
        var fields: [(String, JSONValue)] = []
        if let new {
            fields += [("jobs", .int(newJobs))] + Self.fields(result.batches[new], now)
            if let before { fields.append(("before", .object(Self.fields(before.batches[new], now)))) }
        }
        fields += [
            ("credits_known", .optional(creditsKnown)),
            ("posts", .int(result.posts)),
            ("keys", .array(situation.input.keys.indices.map { .object(keyFields($0)) })),
            ("batches", .array(situation.batches.indices.map { .object(batchFields($0)) })),
            ("submitting", .bool(isSubmitting)),
            ("measured", .bool(situation.isMeasured)),
            ("answer_seconds", .seconds(situation.input.pace.answer)),
            ("wasted_share", .double(situation.input.pace.wasted)),
        ]
        if let deadline {
            fields.append(("deadline_seconds", .seconds(deadline)))
            fields.append(("keys_to_add", .optional(keysToAdd)))
            fields.append(("keys_needed", .optional(keysToAdd.map { $0 + situation.input.keys.count })))
        }
        return fields
    }

    private static func fields(_ batch: ForecastResult.Batch, _ now: PostgresTimestamp) -> [(String, JSONValue)] {
        [
            ("credits", .int(batch.credits)),
            ("starts_in", batch.startsIn.map { .seconds($0) } ?? .null),
            ("ends_in", batch.endsIn.map { .seconds($0) } ?? .null),
            ("ends_at", .time(batch.endsIn.map { now.advanced(by: $0) })),
            ("stranded", .int(batch.stranded)),
            ("binds", .string(batch.binding.rawValue)),
        ]
    }

    private func keyFields(_ index: Int) -> [(String, JSONValue)] {
        let key = result.keys[index]
        return [
            ("name", .string(situation.input.keys[index].name)), ("posts", .int(key.posts)),
            ("runs_dry_in", key.runsDryIn.map { .seconds($0) } ?? .null),
        ]
    }

    private func batchFields(_ index: Int) -> [(String, JSONValue)] {
        let batch = situation.batches[index]
        let fields: [(String, JSONValue)] = [
            ("batch_id", .int(batch.id)),
            ("tenant", .string(situation.input.tenants[situation.input.batches[index].tenant].name)),
            ("out", .string(batch.out)), ("waiting", .int(batch.waiting)), ("running", .int(batch.running)),
        ]
        let before = before.map { [("before", JSONValue.object(Self.fields($0.batches[index], now)))] } ?? []
        return fields + Self.fields(result.batches[index], now) + before
    }
}

extension Plan {
    /// For people.
    func write() throws {
        if let new {
            let batch = result.batches[new]
            let known = creditsKnown.map { " of \($0) that are known to be left" } ?? ""
            try Output.line("credits: \(batch.credits)\(known)")
            try Output.line("time: \(describe(batch))")
            if batch.endsIn != nil { try Output.line("held up by: \(batch.binding.cause)") }
            if let before { try Output.line("  without the change: \(describe(before.batches[new]))") }
            if batch.stranded > 0 {
                try Output.line("\(batch.stranded) of \(newJobs) jobs would wait: \(batch.binding.cause)")
            }
            if let deadline { try Output.line(describe(deadline: deadline)) }
        }
        let dry = result.keys.indices.filter { result.keys[$0].runsDryIn != nil }
        for index in dry.prefix(20) {
            let time = result.keys[index].runsDryIn.map { "in \($0.rounded)" } ?? ""
            try Output.line("key \(situation.input.keys[index].name) runs dry \(time)")
        }
        if dry.count > 20 { try Output.line("… and \(dry.count - 20) more keys") }
        if !situation.batches.isEmpty { try writeBatches() }
        if new == nil, situation.batches.isEmpty { try Output.line("nothing waits") }
        if !isSubmitting { try Output.line("Submitting is stopped: nothing starts before meshmill start.") }
        if !situation.isMeasured {
            try Output.line("No generation has ended here yet: times are the provider's own, for one mode.")
        }
    }

    private func describe(_ batch: ForecastResult.Batch) -> String {
        guard let ends = batch.endsIn else { return "it does not end: \(batch.binding.cause)" }
        let start = batch.startsIn.map { $0 < .seconds(1) ? "starts at once" : "starts in \($0.rounded)" }
        let end = "ends in \(ends.rounded) (\(now.advanced(by: ends).short))"
        return [start, end].compactMap(\.self).joined(separator: ", ")
    }

    private func describe(deadline: Duration) -> String {
        switch keysToAdd {
        case nil: "within \(deadline.rounded): not with any number of keys like the first"
        case 0?: "within \(deadline.rounded): the \(situation.input.keys.count) keys are enough"
        case let more?:
            "within \(deadline.rounded): \(situation.input.keys.count + more) keys are needed, \(more) more than now"
        }
    }

    private func writeBatches() throws {
        try Output.line(new == nil ? "" : "\nwhat waits already:")
        var table = Table([
            .init(heading: "batch", isNumber: true), .init(heading: "tenant", cuts: true),
            .init(heading: "out", cuts: true), .init(heading: "waiting", isNumber: true),
            .init(heading: "running", isNumber: true), .init(heading: "ends"), .init(heading: "because of"),
        ])
        for (index, batch) in situation.batches.enumerated() {
            let fate = result.batches[index]
            var ends = fate.endsIn.map { "in \($0.rounded)" } ?? "\(fate.stranded) stay"
            if let was = before?.batches[index], was != fate {
                ends += was.endsIn.map { " (was \($0.rounded))" } ?? " (did not)"
            }
            table.add([
                "\(batch.id)", situation.input.tenants[situation.input.batches[index].tenant].name, batch.out,
                "\(batch.waiting)", "\(batch.running)", ends, fate.binding.cause,
            ])
        }
        try table.write()
    }
}

extension ForecastResult.Binding {
    /// In words.
    var cause: String {
        switch self {
        case .nothing: "nothing"
        case .windows: "the keys' rate windows"
        case .month: "the keys' monthly limits"
        case .credits: "the orgs' credits"
        case .share: "other batches' turns"
        case .budget: "the tenant's budget"
        case .cap: "its own --max-credits"
        case .keys: "there is no key it may use"
        case .horizon: "more than can be looked at"
        }
    }
}
