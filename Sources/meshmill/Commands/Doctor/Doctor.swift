import MeshmillStore
import PostgresClient

/// Looks at an installation from every side, without changing it.
struct Doctor {
    let installation: Installation

    init(_ installation: Installation) {
        self.installation = installation
    }

    var client: PostgresClient { installation.client }
    var environment: Environment { installation.environment }

    /// Everything that was looked at; the rest is left out where the database cannot be read.
    ///
    /// - Throws: `CancellationError`; `PostgresError` when the database goes away meanwhile.
    func findings() async throws -> [Finding] {
        var findings = [try await schema()]
        guard findings[0].level == .ok else { return findings + files() + [await provider()] }
        findings += try await server()
        findings += try await holders()
        findings += try await work()
        findings += try await keys()
        findings += try await windows()
        findings += try await credits()
        findings += try await masterKey()
        findings += files()
        findings.append(await provider())
        return findings
    }
}
