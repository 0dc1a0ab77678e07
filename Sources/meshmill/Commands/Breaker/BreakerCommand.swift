import ArgumentParser

/// `meshmill breaker`: the stop that all workers share when the provider fails.
struct BreakerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breaker",
        abstract: "Show and reset the stop that all workers share when the provider fails.",
        discussion: """
            It opens after three provider failures in a row, five in ten POSTs, or when many keys are refused alike at \
            once. While it is open one real job at a time tries the provider, at growing intervals; two that succeed \
            close it.
            """,
        subcommands: [BreakerShowCommand.self, BreakerResetCommand.self]
    )
}
