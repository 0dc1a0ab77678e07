package import MeshmillCore
package import PostgresClient
import Synchronization

/// The secrets of provider keys, opened when first asked for and kept in memory.
///
/// A rotated key or master key is noticed within ``checkInterval``: what was opened is then forgotten, and a new master
/// key is taken from the database, where the old one opens it. While the database is away what was opened serves on:
/// results are polled and fetched with it, and expire whether or not anybody can be asked.
package final class KeySecrets: Sendable {
    /// How often the database is asked at most whether a secret has changed.
    static let checkInterval: Duration = .seconds(2)
    /// How long that question may take before what is open serves unchecked; shorter than a POST's send fence.
    private static let checkPatience: Duration = .seconds(1)

    private struct State {
        var opened: [Int64: Secret] = [:]
        /// By id: the one that this process was given, and those that took its place since.
        var masterKeys: [String: MasterKey]
        var version: Int64?
        var checkedAt: ContinuousClock.Instant?
    }

    private let client: PostgresClient
    private let state: Mutex<State>

    /// Makes a look-up that has opened nothing yet.
    package init(_ client: PostgresClient, masterKey: MasterKey) {
        self.client = client
        state = Mutex(State(masterKeys: [masterKey.id: masterKey]))
    }

    /// The secret of a key; nil if there is no such key.
    ///
    /// - Throws: `MasterKeyError` if no master key of this process opens it; `PostgresError` if it is not open yet and
    ///   the database cannot be asked; `CancellationError`.
    package func secret(ofKey id: Int64) async throws -> Secret? {
        do {
            try await forgetIfChanged()
        } catch let error as PostgresError where error.isRetryable {
            // Asked again with the next secret after an interval; one that is not open yet says below what is wrong.
        }
        let version: Int64?
        switch state.withLock({ ($0.opened[id], $0.version) }) {
        case (let secret?, _): return secret
        case (nil, let known): version = known
        }
        guard let sealed = try await client.query(FindSealedSecret(keyID: id)).first else { return nil }
        let secret = try await masterKey(for: sealed).open(sealed, keyID: id)
        state.withLock { state in
            // What was read before a change may be the old one.
            if state.version == version { state.opened[id] = secret }
        }
        return secret
    }

    /// Forgets what was opened if a secret has changed since; asks the database now and then only.
    private func forgetIfChanged() async throws {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            // Before the first answer everybody asks: what is opened under no version is not kept.
            if state.version != nil, let last = state.checkedAt, now - last < Self.checkInterval { return false }
            state.checkedAt = now
            return true
        }
        guard isDue,
            let version = try await client.query(ReadSecretsVersion(), timeout: Self.checkPatience).first
        else { return }
        let hasChanged = state.withLock { state in
            guard state.version != version else { return false }
            let isFirst = state.version == nil
            state.version = version
            state.opened = [:]
            return !isFirst
        }
        // Now, since it may be gone when the next secret is asked for.
        if hasChanged { try await readMasterKeys() }
    }

    private func masterKey(for sealed: SealedSecret) async throws -> MasterKey {
        if let key = state.withLock({ $0.masterKeys[sealed.masterKeyID] }) { return key }
        try await readMasterKeys()
        let keys = state.withLock { $0.masterKeys }
        guard let key = keys[sealed.masterKeyID] ?? keys.values.first else { throw MasterKeyError.malformed }
        return key  // the wrong one says which it should be
    }

    /// Takes in the master keys that took the place of a known one.
    private func readMasterKeys() async throws {
        for row in try await client.query(FindMasterKeys()) {
            guard let old = state.withLock({ $0.masterKeys[row.fromID] }) else { continue }
            let new = try old.openMasterKey(row.sealed, id: row.toID)
            state.withLock { $0.masterKeys[new.id] = new }
        }
    }
}
