import ArgumentParser
import MeshmillCore
import MeshmillStore
import PostgresClient

/// The command `meshmill jobs set`: priority or tenant of waiting jobs.
struct JobsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change the priority of waiting jobs, or give them to another tenant.",
        discussion: """
            Jobs given to another tenant join its batch with the same output folder; what they cost so far stays with \
            who paid. Example: meshmill jobs set --batch 7 --source '*/hero/*' --priority 5
            """
    )

    @OptionGroup var options: JobActionOptions

    @Option(help: "Higher goes first inside the tenant, -32768 to 32767.")
    var priority: Int?

    @Option(help: "The tenant that gets the jobs.")
    var toTenant: String?

    func validate() throws {
        guard (priority == nil) != (toTenant == nil) else {
            throw ValidationError("give --priority or --to-tenant")
        }
        guard priority.map({ Int16(exactly: $0) != nil }) ?? true else {
            throw ValidationError("--priority \(priority ?? 0) is not within -32768 to 32767")
        }
    }

    func run() async throws {
        let (options, priority, tenant) = (options, priority, toTenant)
        let reason = options.reason
        let change = JobsChange(
            verb: "change",
            done: tenant.map { "given to tenant \($0)" } ?? "given priority \(priority ?? 0)",
            statuses: ["queued", "scheduled", "held"]
        ) { ids, connection in
            if let tenant {
                return try await connection.query(GiveJobs(ids, toTenant: tenant, reason: reason))
            }
            return try await connection.query(SetPriority(priority ?? 0, jobIDs: ids, reason: reason))
        }
        let exit = try await Installation.with { try await options.run(change, in: $0) }
        guard exit == .done else { throw exit }
    }
}
