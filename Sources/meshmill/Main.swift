import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import MeshmillTerminal

/// Parses the command line, runs the command, and turns how it ended into one line and an exit status.
@main
enum Main {
    static func main() async {
        // A reader that goes away is told by the write that fails.
        signal(SIGPIPE, SIG_IGN)
        do {
            try LoggingSystem.bootstrap(variables: ProcessInfo.processInfo.environment)
            var command = try Meshmill.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    private static func end(_ error: any Error) -> Never {
        if let exit = error as? Exit { Glibc.exit(exit.rawValue) }
        if isParserError(error) {
            // Help and version are answers, not failures.
            if Meshmill.exitCode(for: error) == .success { Meshmill.exit(withError: error) }
            let message = Meshmill.message(for: error).split(whereSeparator: \.isNewline)
                .map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: " ")
            Messages.line("meshmill: \(OneLine.text(message)); see: meshmill help")
            Glibc.exit(Exit.usage.rawValue)
        }
        let failure = Failure(error)
        // Some failures list what they are about on lines of their own.
        for line in "meshmill: \(failure.description)".split(separator: "\n") {
            Messages.line(OneLine.text(String(line)))
        }
        Glibc.exit(failure.exit.rawValue)
    }

    /// Whether ArgumentParser threw it: what it wraps, and what `validate()` throws.
    private static func isParserError(_ error: any Error) -> Bool {
        let code = Meshmill.exitCode(for: error)
        return error is ValidationError || error is CleanExit || code == .success || code == .validationFailure
    }
}
