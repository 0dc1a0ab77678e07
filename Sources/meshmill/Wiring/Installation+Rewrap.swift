import Glibc
import MeshmillCore

extension Installation {
    /// Where the successor of the master key lies while a rotation is under way.
    ///
    /// - Throws: ``Failure`` with exit 64 if the key is in a variable and no file was named, or the other way round.
    func successorPlace(_ named: String?) throws -> MasterKeyFile {
        switch environment.masterKey {
        case .given:
            guard let named else {
                throw Failure(
                    .usage,
                    "MESHMILL_MASTER_KEY holds the old key; say --new-key-file, where the new one lies"
                )
            }
            return MasterKeyFile(path: Path.absolute(named, in: environment.workingDirectory))
        case .file(let path):
            guard named == nil else {
                throw Failure(.usage, "the new key is made beside \(path); --new-key-file is for MESHMILL_MASTER_KEY")
            }
            return MasterKeyFile(path: path + ".next")
        }
    }

    /// Puts the new master key where the old one was, which stays beside it under its id.
    ///
    /// - Returns: what the person has to do now.
    /// - Throws: ``Failure`` with exit 74 if a file cannot be renamed; the next command does it.
    func install(_ successor: MasterKeyFile, old: MasterKey) throws -> String {
        guard case .file(let path) = environment.masterKey else {
            return "set MESHMILL_MASTER_KEY to what \(successor.path) holds before you start anything anew"
        }
        try successor.take(path, keepingOldAs: "\(path).\(old.id)")
        return "\(path) holds it, and \(path).\(old.id) the old one, for backups from before"
    }
}

extension MasterKeyFile {
    /// Renames this file to `path`, after what was there has got another name.
    func take(_ path: String, keepingOldAs kept: String) throws {
        // A second link first, so that at no instant there is no key at all.
        guard link(path, kept) == 0 || errno == EEXIST, rename(self.path, path) == 0 else {
            let cause = String(cString: strerror(errno))
            throw Failure(
                .inputOutput,
                "master key \(self.path) cannot be renamed to \(path): \(cause); rename it by hand"
            )
        }
    }
}
