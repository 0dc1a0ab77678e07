package import MeshmillCore
package import PostgresClient

/// Takes keys in: from a key file, from the environment, or one at a time.
///
/// A secret that is known already updates its key, which keeps its history. All keys are taken in or none.
package struct KeyImport: Sendable {
    /// What happens to a key whose secret is known already.
    package enum Known: Sendable {
        /// What is given takes the place of what was so; the rest stays.
        case areUpdated
        /// It stays as it is.
        case areKept
    }

    /// The names of the keys, in the order of their ids.
    package struct Report: Sendable, Hashable {
        package var added: [String] = []
        package var updated: [String] = []
        /// How many were known and are kept as they were.
        package var kept = 0
    }

    private let masterKey: MasterKey
    /// The margin of a window; from the settings, or ``Margin/standard(forWindow:)``.
    private let margin: @Sendable (Duration) -> Duration

    /// Makes an import that seals with this master key.
    ///
    /// - Parameters:
    ///   - masterKey: the installation's, or a new one if the installation has none yet.
    ///   - margin: the margin of each window, if the settings name one; nil for the standard one.
    package init(masterKey: MasterKey, margin: Duration? = nil) {
        self.masterKey = masterKey
        self.margin = { margin ?? Margin.standard(forWindow: $0) }
    }

    /// Takes the keys in, in the caller's transaction.
    ///
    /// - Parameters:
    ///   - rows: no two with the same secret or the same name.
    ///   - known: what happens to keys whose secret is known.
    ///   - reason: why, for the audit log.
    ///   - connection: within a transaction, which is best rolled back on any error.
    /// - Returns: what became of the keys.
    /// - Throws: ``KeyError``; `MasterKeyError` if the installation has another master key; `PostgresError`.
    package func run(
        _ rows: [KeyFileRow],
        known: Known,
        reason: String? = nil,
        on connection: PostgresConnection
    ) async throws -> Report {
        try await connection.execute(LockKeyImport())
        if let recorded = try await connection.query(RecordMasterKey(masterKey.id)).first, recorded != masterKey.id {
            throw MasterKeyError.otherKey(expected: recorded, actual: masterKey.id)
        }
        let fingerprints = rows.map { SecretFingerprint(of: $0.secret) }
        var found: [String: FindKeysByFingerprint.Row] = [:]
        for row in try await connection.query(FindKeysByFingerprint(fingerprints: fingerprints.map(\.text))) {
            found[row.fingerprint] = row
        }
        var report = Report()
        var pairs = Array(zip(rows, fingerprints))
        if case .areKept = known {
            let count = pairs.count
            pairs.removeAll { found[$0.1.text].map { !$0.isRemoved } ?? false }
            report.kept = count - pairs.count
        }
        guard !pairs.isEmpty else { return report }
        try await check(pools: pairs.compactMap(\.0.pool), on: connection)
        var newIDs = try await connection.query(
            ReserveKeyIDs(count: pairs.count { found[$0.1.text] == nil })
        ).makeIterator()
        let names = try await names(for: pairs, found, on: connection)
        var keys: [StoreKeys.Key] = []
        for ((row, fingerprint), name) in zip(pairs, names) {
            let known = found[fingerprint.text]
            guard let id = known?.id ?? newIDs.next() else { continue }
            keys.append(try key(id, row, fingerprint, name: name, isNew: known == nil))
        }
        do {
            for row in try await connection.query(StoreKeys(keys, reason: reason)) {
                if row.isNew { report.added.append(row.name) } else { report.updated.append(row.name) }
            }
        } catch let error as PostgresError where error.constraint == "reserve_below_limit" {
            throw KeyError.reserveNotBelowLimit
        }
        return report
    }

    private func check(pools: [String], on connection: PostgresConnection) async throws {
        let names = Set(pools)
        guard !names.isEmpty else { return }
        let missing = names.subtracting(try await connection.query(FindPools(names: names.sorted())))
        if let name = missing.min() { throw KeyError.unknownPool(name) }
    }

    /// The name that each key is to have; nil keeps the one it has.
    private func names(
        for pairs: [(row: KeyFileRow, fingerprint: SecretFingerprint)],
        _ found: [String: FindKeysByFingerprint.Row],
        on connection: PostgresConnection
    ) async throws -> [String?] {
        var wanted: [String] = []
        for (row, fingerprint) in pairs {
            if let name = row.name { wanted.append(name) }
            if row.name == nil, let known = found[fingerprint.text], known.isRemoved { wanted.append(known.name) }
            wanted += [6, 12, 64].map { fingerprint.defaultName(digits: $0) }
        }
        var owners: [String: Int64] = [:]
        for (name, id) in try await connection.query(FindKeyNames(names: wanted)) { owners[name] = id }
        // Names that this import gives are taken as well.
        var given = Set(pairs.compactMap(\.row.name))
        var names: [String?] = []
        for (row, fingerprint) in pairs {
            let known = found[fingerprint.text]
            if let name = row.name {
                if let owner = owners[name], owner != known?.id { throw KeyError.nameTaken(name) }
                names.append(name)
            } else if let known, !known.isRemoved || owners[known.name] == nil && given.insert(known.name).inserted {
                names.append(nil)
            } else {
                let name = [6, 12, 64].map { fingerprint.defaultName(digits: $0) }
                    .first { owners[$0] == nil && given.insert($0).inserted }
                names.append(name)
            }
        }
        return names
    }

    private func key(
        _ id: Int64,
        _ row: KeyFileRow,
        _ fingerprint: SecretFingerprint,
        name: String?,
        isNew: Bool
    ) throws -> StoreKeys.Key {
        let sealed = try masterKey.seal(row.secret, keyID: id)
        let window = row.rateWindow ?? (isNew ? KeyLimits.documentedRateWindow : nil)
        return StoreKeys.Key(
            id: id,
            name: name,
            org: row.org,
            pool: row.pool,
            rateLimit: row.rateLimit ?? (isNew ? KeyLimits.documentedRateLimit : nil),
            rateWindow: window?.postgresInterval,
            margin: window.map { margin($0).postgresInterval },
            reserveSlots: row.reserveSlots,
            monthlyLimit: row.monthlyLimit,
            usedRecently: row.usedRecently,
            fingerprint: fingerprint.text,
            masterKeyID: sealed.masterKeyID,
            sealed: Hexadecimal.text(sealed.bytes)
        )
    }
}
