import Glibc

extension OutputFolder {
    /// A file that was there already.
    package struct ExistingFile: Sendable, Hashable {
        /// Absolute path.
        package let path: String
        package let bytes: Int64
        /// SHA-256 of the content, 32 bytes.
        package let sha256: [UInt8]
    }

    /// Begins a file that appears under its name only once it is whole.
    ///
    /// The path is one below the root, like `x/y.glb`; folders that are missing are made.
    package func beginFile(relative: String) async throws(ArtifactError) -> PartFile {
        let path = try RelativePath(relative)
        return try await operation("write", self.path(of: relative)).run { () throws(SystemFailure) in
            try PartFile(path, in: self)
        }
    }

    /// Writes a file that is small enough to be in memory, whole or not at all.
    ///
    /// - Throws: `exists` if there is one and `replacing` is false.
    package func writeSmallFile(relative: String, bytes: [UInt8], replacing: Bool) async throws(ArtifactError) {
        let part = try await beginFile(relative: relative)
        do {
            try await part.write(bytes)
            try await part.publish(replacing: replacing)
        } catch {
            await part.discard()
            throw error
        }
    }

    /// Gives a file a second name, for another source with the same result.
    ///
    /// A hard link where the file system has them, else a copy, which shares the blocks if it can.
    ///
    /// - Throws: `exists` if the new name is taken and `replacing` is false.
    package func linkOrCopy(from source: String, to target: String, replacing: Bool = false) async throws(ArtifactError)
    {
        let sourcePath = try RelativePath(source)
        let targetPath = try RelativePath(target)
        try await operation("link or copy to", path(of: target)).run { () throws(SystemFailure) in
            let from = try Folder.containing(sourcePath, below: root, creating: nil)
            let file = try from.file(sourcePath.name)
            let to = try Folder.containing(targetPath, below: root, creating: folderMode)
            let part = PartName.random(for: targetPath.name)
            do throws(SystemFailure) {
                try link(sourcePath.name, in: from, file, to: to, as: part)
                try to.move(part, to: targetPath.name, replacing: replacing)
            } catch {
                // The first failure is the one to tell of.
                try? to.remove(part)
                throw error
            }
            try to.synchronize()
        }
    }

    /// A file that is there already, measured and hashed; nil if there is none.
    ///
    /// A worker that died after the rename and before its commit leaves such a file: it is verified and adopted.
    ///
    /// - Throws: `symbolicLink` or `notAFile` if something else has that name.
    package func existing(relative: String) async throws(ArtifactError) -> ExistingFile? {
        let path = try RelativePath(relative)
        let absolute = self.path(of: relative)
        do {
            return try await operation("read", absolute).run { () throws(SystemFailure) in
                let file = try Folder.containing(path, below: root, creating: nil).file(path.name)
                let (bytes, sha256) = try file.digest()
                return ExistingFile(path: absolute, bytes: bytes, sha256: sha256)
            }
        } catch  where error.kind == .notFound {
            return nil
        }
    }

    /// Removes the part files that others left of a file, and of those beside it.
    ///
    /// For files that are in place: whoever still writes such a part is too late, whatever its age. Reads the whole
    /// folder, so it is for files that are known to have been begun before.
    ///
    /// - Parameters:
    ///   - relative: one file, as a path below the root.
    ///   - neighbours: names of further files in its folder.
    /// - Returns: how many there were.
    /// - Throws: what the system says when the folder cannot be read or changed.
    @discardableResult
    package func removeParts(of relative: String, and neighbours: [String] = []) async throws(ArtifactError) -> Int {
        let path = try RelativePath(relative)
        return try await operation("clean", self.path(of: relative)).run { () throws(SystemFailure) in
            let folder = try Folder.containing(path, below: root, creating: nil)
            let names = [path.name] + neighbours
            var removed = 0
            for entry in try folder.entries() where !entry.isFolder {
                guard names.contains(where: { PartName.matches(entry.name, for: $0) }) else { continue }
                try folder.remove(entry.name)
                removed += 1
            }
            return removed
        }
    }

    /// Removes part files that crashed workers left, anywhere below the root, and returns their number.
    ///
    /// Those count as left that were last written to more than `age` ago, which must be longer than any download
    /// pauses.
    package func removeStaleParts(olderThan age: Duration) async throws(ArtifactError) -> Int {
        var removed = 0
        var folders: [[String]] = [[]]
        while let folder = folders.popLast() {
            let path = ([root] + folder).joined(separator: "/")
            let found = try await operation("clean", path).run { () throws(SystemFailure) in
                try removeStaleParts(in: folder, olderThan: age)
            }
            removed += found.removed
            folders += found.folders.map { folder + [$0] }
        }
        return removed
    }

    private func removeStaleParts(
        in folders: [String],
        olderThan age: Duration
    ) throws(SystemFailure) -> (removed: Int, folders: [String]) {
        var folder = try Folder.open(root: root)
        do {
            for name in folders { folder = try folder.folder(name, creating: nil) }
        } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.code) {
            return (0, [])  // removed or replaced since it was listed
        }
        let entries = try folder.entries()
        var removed = 0
        let now = time(nil)
        for entry in entries where !entry.isFolder && PartName.matches(entry.name) {
            guard let status = try folder.status(of: entry.name), status.st_mode & S_IFMT == S_IFREG,
                now - status.st_mtim.tv_sec > Int(age.components.seconds)
            else { continue }
            try folder.remove(entry.name)
            removed += 1
        }
        return (removed, entries.filter(\.isFolder).map(\.name))
    }

    /// Gives a file a second name, or makes a synced copy of it where that is not possible.
    private func link(
        _ name: String,
        in folder: borrowing Folder,
        _ file: borrowing OpenFile,
        to target: borrowing Folder,
        as part: String
    ) throws(SystemFailure) {
        do {
            try folder.link(name, in: target, as: part)
        } catch  where [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS].contains(error.code) {
            let copy = try target.createFile(part, mode: fileMode)
            try copy.copyContent(of: file)
            try copy.synchronize()
        }
    }
}
