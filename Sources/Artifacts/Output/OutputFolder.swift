import Glibc

/// The folder that a batch's results go to.
///
/// Names come from us, never from the provider. Below the root no symbolic link is followed, files are made
/// exclusively and renamed into place in one folder, and file and folder are synced before a file counts as there.
/// Operations run on threads that may block.
package struct OutputFolder: Sendable, Hashable {
    /// Absolute path of the folder.
    package let root: String
    /// Modes of what is made here, before the process's mask.
    let folderMode: mode_t
    let fileMode: mode_t

    /// Names a folder, without touching it yet.
    ///
    /// - Parameter root: its absolute path; it may itself be, or lead through, a symbolic link.
    /// - Throws: `invalidName` if the path is not absolute.
    package init(root: String) throws(ArtifactError) {
        let components = root.split(separator: "/")
        guard root.hasPrefix("/"), !components.isEmpty, !root.utf8.contains(0) else {
            throw ArtifactError(
                .invalidName,
                action: "use the folder",
                path: root,
                cause: "it is not an absolute path below /",
                cure: "choose another folder"
            )
        }
        self.init(checkedRoot: "/" + components.joined(separator: "/"), folderMode: 0o777, fileMode: 0o666)
    }

    init(checkedRoot: String, folderMode: mode_t, fileMode: mode_t) {
        root = checkedRoot
        self.folderMode = folderMode
        self.fileMode = fileMode
    }

    /// Makes the folder, and those above it, if it is missing.
    ///
    /// Only this does; when the folder vanishes later, operations fail with `rootMissing`, since what is gone may be
    /// a disk that is no longer mounted.
    package func create() async throws(ArtifactError) {
        // With / as root: a missing folder is what is cured here.
        try await FileOperation(action: "make the folder", path: root, root: "/").run {
            () throws(SystemFailure) in try Folder.create(root: root, mode: folderMode)
        }
    }

    /// Proves that the folder can be written to, by making, syncing and removing a small file.
    package func probe() async throws(ArtifactError) {
        try await operation("write to", root).run { () throws(SystemFailure) in
            let folder = try Folder.open(root: root)
            let name = PartName.random(for: "probe")
            let file = try folder.createFile(name, mode: fileMode)
            do throws(SystemFailure) {
                try Array(repeating: UInt8(0), count: 4_096).withUnsafeBufferPointer {
                    (bytes: UnsafeBufferPointer<UInt8>) throws(SystemFailure) in
                    try file.write(UnsafeRawBufferPointer(bytes))
                }
                try file.synchronize()
            } catch {
                // The first failure is the one to tell of.
                try? folder.remove(name)
                throw error
            }
            try folder.remove(name)
        }
    }

    /// Space that this user may still fill on the folder's disk, in bytes.
    package func availableBytes() async throws(ArtifactError) -> Int64 {
        try await operation("measure", root).run { () throws(SystemFailure) in
            var status = statvfs()
            try SystemFailure.check { statvfs(root, &status) }
            return Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
        }
    }

    /// The absolute path of a file below the root.
    package func path(of relative: String) -> String { root + "/" + relative }

    func operation(_ action: String, _ path: String) -> FileOperation {
        FileOperation(action: action, path: path, root: root)
    }
}
