import Glibc

/// Folders that Meshmill keeps for itself.
enum Folder {
    /// Makes a folder and those above it, for this account only, if it is missing.
    ///
    /// - Throws: ``Failure`` with exit 74.
    static func make(_ path: String) throws {
        var made = ""
        for component in path.split(separator: "/") {
            made += "/" + component
            if mkdir(made, 0o700) == 0 || errno == EEXIST { continue }
            throw Failure(
                .inputOutput,
                "cannot make the folder \(made): \(String(cString: strerror(errno))); set MESHMILL_HOME to another one"
            )
        }
    }
}
