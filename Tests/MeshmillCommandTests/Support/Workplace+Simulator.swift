import Subprocess

extension Workplace {
    /// Starts a simulator on a free port, reads its first line, stops it by SIGTERM, and returns line and exit status.
    func startSimulator(_ options: String...) async throws -> (address: String, status: Int32) {
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(
                ["--chdir=\(folder)", Self.program, "simulator", "--listen", "127.0.0.1:0"] + options
            ),
            environment: .custom(["PATH": "/usr/bin:/bin"]),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var address: String?
            for try await line in execution.standardOutput.strings() where address == nil {
                address = line
                // It is ready: nothing more is wanted of it.
                try execution.send(signal: .terminate)
            }
            return address ?? ""
        }
        return (result.closureResult, Self.number(result.terminationStatus))
    }
}
