import AmaraAPI
import Foundation
import MeshmillStore
import PostgresClient

extension Doctor {
    /// Whether this process can open the keys' secrets; nothing while there are none.
    func masterKey() async throws -> [Finding] {
        guard try await client.query(ReadInstallation()).first?.masterKeyID != nil else { return [] }
        do {
            _ = try await installation.masterKey()
            return []
        } catch let error as PostgresError {
            throw error
        } catch {
            return [.problem("master key", "\(error)", cure: "bring back the copy that was kept of it")]
        }
    }

    func files() -> [Finding] {
        var findings: [Finding] = []
        if case .file(let path) = environment.masterKey, let attributes = try? attributes(path) {
            let mode = (attributes[.posixPermissions] as? Int) ?? 0
            findings.append(
                mode & 0o077 == 0
                    ? .ok("master key", "\(path), readable by this account only")
                    : .problem("master key", "\(path) can be read by others", cure: "chmod 600 \(path)")
            )
        }
        let home = environment.home
        if FileManager.default.fileExists(atPath: home) {
            if !FileManager.default.isWritableFile(atPath: home) {
                findings.append(.problem("home", "\(home) cannot be written", cure: "chown it to this account"))
            }
            let free =
                (try? FileManager.default.attributesOfFileSystem(forPath: home)[.systemFreeSize] as? Int64) ?? nil
            if let free {
                let text = "\(free / 1_000_000_000) GB free at \(home)"
                findings.append(
                    free < 1_000_000_000
                        ? .warning("disk", text, cure: "make room; submitting pauses when it is full")
                        : .ok("disk", text)
                )
            }
        }
        return findings
    }

    private func attributes(_ path: String) throws -> [FileAttributeKey: Any] {
        try FileManager.default.attributesOfItem(atPath: path)
    }

    /// A status request for a generation that there is not, without a real key.
    func provider() async -> Finding {
        let address = environment.apiURL ?? AmaraClientConfiguration.defaultBaseURL
        do {
            let client = try Provider.client(environment, logger: installation.logger)
            guard let token = BearerToken("sk_amara_doctor") else { return .ok("provider", "not asked") }
            let reached: Finding
            do {
                try await Provider.check(client, token, address: address)
                reached = .ok("provider", "\(address) answers")
            } catch {
                reached = .problem("provider", "\(error)", cure: "check AMARA_API_URL, the proxy and the network")
            }
            try? await client.shutdown()
            guard environment.variables["MESHMILL_INSECURE"] != "1" || !address.hasPrefix("http://") else {
                let text = "\(address) is not encrypted: keys can be read on the way"
                return .warning("provider", text, cure: "use https, and unset MESHMILL_INSECURE")
            }
            return reached
        } catch {
            return .problem("provider", "\(error)", cure: "set AMARA_API_URL to an https address")
        }
    }
}
