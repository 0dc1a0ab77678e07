import ArgumentParser

/// The command line.
struct Meshmill: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "meshmill",
        abstract: "Runs image-to-mesh generations on a pool of Amara API keys, and brings every GLB home once.",
        discussion: """
            meshmill run PATH… --out DIR does the whole job: it submits, works, and ends when the last mesh is there.
            """,
        version: version,
        subcommands: [
            RunCommand.self, SubmitCommand.self, WorkerCommand.self, KeysCommand.self, OrgsCommand.self,
            PoolsCommand.self, TenantsCommand.self, BatchesCommand.self, JobsCommand.self, StatusCommand.self,
            TopCommand.self, PlanCommand.self, LedgerCommand.self, DoctorCommand.self, AuditCommand.self,
            LogCommand.self, UndoCommand.self, BreakerCommand.self, StopCommand.self, StartCommand.self,
            SettingsCommand.self, SimulatorCommand.self, BenchCommand.self,
            MigrateCommand.self, ManualCommand.self,
        ]
    )
}
