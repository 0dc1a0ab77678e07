import Artifacts
import MeshmillCore
import MeshmillStore
import MeshmillSubmission
import PostgresClient
import PrivatePostgres

/// Why a command failed: one line for people, and the exit status.
struct Failure: Error, CustomStringConvertible {
    /// The thing, the cause and the cure; never a secret.
    let description: String
    let exit: Exit

    init(_ exit: Exit, _ description: String) {
        self.exit = exit
        self.description = description
    }

    /// Words any error that reaches the top of a command.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case is CancellationError: self = .interrupted
        case let error as PostgresError where Self.isWordOfOurs(error):
            let exit = error.sqlState == .programLimitExceeded ? Exit.outOfCredits : .usage
            self.init(exit, [error.message, error.hint].compactMap(\.self).joined(separator: "; "))
        case let error as PostgresError: self.init(Self.exit(for: error), "database: \(error)")
        case let error as PrivatePostgresError: self.init(Self.exit(for: error), "\(error)")
        case let error as MigrationError: self.init(.configuration, "\(error)")
        case let error as MasterKeyError: self.init(.configuration, "\(error)")
        case let error as KeyError: self.init(.usage, "\(error)")
        case let error as KeyFileError: self.init(.usage, "\(error)")
        case let error as InvalidParameter: self.init(.usage, "\(error)")
        case let error as ArtifactError:
            self.init(
                error.kind == .unsupportedStore || error.kind == .invalidURL ? .configuration : .inputOutput,
                "\(error)"
            )
        case let error as SubmissionError: self.init(Self.exit(for: error), "\(error)")
        default: self.init(.internalError, "unexpected: \(error)")
        }
    }

    /// What Ctrl-C leaves: everything that was done stays, and the same command goes on.
    static let interrupted = Failure(.interrupted, "interrupted; run the same command again to go on")

    private static func exit(for error: PostgresError) -> Exit {
        switch error.code {
        case .invalidConnectionString: .configuration
        case .connectFailed where isConfiguration(error.sqlState): .configuration
        case .server where isConfiguration(error.sqlState): .configuration
        case .server where error.sqlState == .checkViolation: .usage
        // A tenant's bound on what may wait: its quota.
        case .server where error.sqlState == .programLimitExceeded: .outOfCredits
        case .server where error.sqlState == .diskFull: .inputOutput
        case .server where !error.isRetryable: .internalError
        case .decodingFailed, .invalidParameter, .connectionBusy, .clientClosed: .internalError
        default: .unreachable
        }
    }

    /// Whether a function of `ops` said it, to a person: of a name that nothing has, or a value out of range.
    ///
    /// A table's own check names its table.
    private static func isWordOfOurs(_ error: PostgresError) -> Bool {
        error.code == .server
            && (error.sqlState == SQLState("P0002") || error.sqlState == .checkViolation && error.table == nil
                || error.sqlState == .programLimitExceeded && error.constraint == "max_queued")
    }

    /// Wrong passwords, missing rights and missing databases: another address or another user is the cure.
    private static func isConfiguration(_ state: SQLState?) -> Bool {
        switch state {
        case .invalidAuthorization, .unknownDatabase, .insufficientPrivilege: true
        default: false
        }
    }

    private static func exit(for error: PrivatePostgresError) -> Exit {
        switch error.code {
        case .missingBinaries, .missingAccount, .permission: .configuration
        case .initFailed, .startFailed, .stopFailed, .locked: .unreachable
        }
    }

    private static func exit(for error: SubmissionError) -> Exit {
        switch error {
        case .collisions, .manifest: .usage
        case .unreadable, .storage: .inputOutput
        }
    }
}
