import Glibc
import Synchronization

/// A file that is being written under a hidden name, to be published whole or not at all.
///
/// One writer at a time. A part file that is neither published nor discarded is removed with its last reference;
/// one whose process died is removed by ``OutputFolder/removeParts(of:and:)`` when another one has brought the file home,
/// or by ``OutputFolder/removeStaleParts(olderThan:)``.
package final class PartFile: Sendable {
    /// Absolute path of the hidden file, to verify it before it is published.
    package let path: String
    /// Absolute path that ``publish(replacing:)`` gives it.
    package let finalPath: String

    private let root: String
    private let name: String
    private let finalName: String
    private let writing: Mutex<Writing>

    /// What is open while the file is written.
    private struct Writing: ~Copyable {
        let folder: Folder
        let file: OpenFile
        var bytesWritten: Int64 = 0
        /// Whether the hidden name is still ours to publish or remove.
        var isPending = true
    }

    /// Makes the hidden file, and the folders above it that are missing.
    init(_ path: RelativePath, in output: OutputFolder) throws(SystemFailure) {
        let folder = try Folder.containing(path, below: output.root, creating: output.folderMode)
        let name = PartName.random(for: path.name)
        let file = try folder.createFile(name, mode: output.fileMode)
        let parent = ([output.root] + path.folders).joined(separator: "/")
        root = output.root
        self.name = name
        finalName = path.name
        self.path = parent + "/" + name
        finalPath = parent + "/" + path.name
        writing = Mutex(Writing(folder: folder, file: file))
    }

    deinit {
        // Off the usual path (an error on the way to `discard`), so one blocking call here does no harm.
        removeIfPending()
    }

    /// Bytes that were written so far.
    package var bytesWritten: Int64 { writing.withLock { $0.bytesWritten } }

    /// Appends bytes.
    ///
    /// After a failure some of them may have been written; discard the file.
    package func write(_ bytes: [UInt8]) async throws(ArtifactError) {
        try await operation("write").run { [self] () throws(SystemFailure) in
            try whileOpen { (writing: inout Writing) throws(SystemFailure) in
                precondition(writing.isPending, "written to after its end")
                try bytes.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(SystemFailure) in
                    try writing.file.write(UnsafeRawBufferPointer(bytes))
                }
                writing.bytesWritten += Int64(bytes.count)
            }
        }
    }

    /// Syncs the file, gives it its final name and syncs the folder; then it is there whatever crashes.
    ///
    /// Runs to its end also when the calling task is cancelled: what was paid for and verified is kept.
    ///
    /// - Throws: `exists` if the name is taken and `replacing` is false; the part file then still waits.
    package func publish(replacing: Bool) async throws(ArtifactError) {
        try await operation("publish").runRegardless { [self] () throws(SystemFailure) in
            try whileOpen { (writing: inout Writing) throws(SystemFailure) in
                precondition(writing.isPending, "published after its end")
                try writing.file.synchronize()
                try writing.folder.move(name, to: finalName, replacing: replacing)
                writing.isPending = false
                try writing.folder.synchronize()
            }
        }
    }

    /// Removes the hidden file; does nothing after ``publish(replacing:)``.
    ///
    /// Runs also when the calling task is cancelled. A file that cannot be removed now is left to
    /// ``OutputFolder/removeStaleParts(olderThan:)``.
    package func discard() async {
        // Nothing is thrown inside, so nothing comes out.
        try? await operation("remove").runRegardless { [self] () throws(SystemFailure) in removeIfPending() }
    }

    private func operation(_ action: String) -> FileOperation {
        FileOperation(action: action, path: finalPath, root: root)
    }

    /// Does one step of the writing; steps of one file never overlap.
    private func whileOpen(_ step: (inout Writing) throws(SystemFailure) -> Void) throws(SystemFailure) {
        try writing.withLock { (writing: inout Writing) throws(SystemFailure) in try step(&writing) }
    }

    private func removeIfPending() {
        writing.withLock { writing in
            guard writing.isPending else { return }
            writing.isPending = false
            try? writing.folder.remove(name)
        }
    }
}
