import Crypto
import Glibc

/// A store in a folder, which machines may share.
///
/// Files and folders are private to the user. A put writes a hidden part file, syncs it, renames it and syncs the
/// folder, so what has a key is whole, whatever crashed meanwhile.
package struct FileArtifactStore: ArtifactStore {
    /// Absolute path of the folder.
    package let root: String
    package var url: String { FileURL.string(path: root) }

    private static let folderMode: mode_t = 0o700
    private static let fileMode: mode_t = 0o600

    /// Names the store at `file:///absolute/path`, without touching it yet.
    package init(url: String) throws(ArtifactError) {
        guard let path = FileURL.path(of: url) else {
            throw ArtifactError(
                .invalidURL,
                action: "use the artifact store",
                path: url,
                cause: "it is not of the form file:///an/absolute/path",
                cure: "write it so in MESHMILL_ARTIFACTS"
            )
        }
        root = path
    }

    package func open(isNew: Bool) async throws(ArtifactError) {
        let folder = OutputFolder(checkedRoot: root, folderMode: Self.folderMode, fileMode: Self.fileMode)
        if isNew { try await folder.create() }
        try await folder.probe()
    }

    package func put(_ bytes: [UInt8], at key: ArtifactKey) async throws(ArtifactError) {
        let path = try RelativePath(key.description)
        try await operation("store", key).run { () throws(SystemFailure) in
            let folder = try Folder.containing(path, below: root, creating: Self.folderMode)
            if let present = try folder.status(of: path.name), present.st_mode & S_IFMT == S_IFREG,
                Int(present.st_size) == bytes.count
            {
                // Whoever wrote it may not have come to this yet.
                return try folder.synchronize()
            }
            let part = PartName.random(for: path.name)
            let file = try folder.createFile(part, mode: Self.fileMode)
            do throws(SystemFailure) {
                try bytes.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(SystemFailure) in
                    try file.write(UnsafeRawBufferPointer(bytes))
                }
                try file.synchronize()
                try folder.move(part, to: path.name, replacing: true)
            } catch {
                // The first failure is the one to tell of.
                try? folder.remove(part)
                throw error
            }
            try folder.synchronize()
        }
    }

    package func get(_ key: ArtifactKey, maximumBytes: Int) async throws(ArtifactError) -> [UInt8] {
        let content: [UInt8]?
        do throws(ArtifactError) {
            content = try await read(key, maximumBytes: maximumBytes)
        } catch  where error.kind == .notFound && access(root + "/" + key.area.rawValue, F_OK) != 0 {
            // An empty folder where others see the store: what should be mounted there is not.
            throw ArtifactError(
                .rootMissing,
                action: "read",
                path: self.path(of: key),
                cause: "the folder \(PathText.printable(root)) holds no \(key.area.rawValue)",
                cure: "mount there what the other workers and submissions see"
            )
        }
        guard let content else {
            throw ArtifactError(
                .tooLarge,
                action: "read",
                path: self.path(of: key),
                cause: "it has more than \(maximumBytes) bytes",
                cure: "remove it and submit the image again"
            )
        }
        guard SHA256.hash(data: content).elementsEqual(key.sha256) else {
            throw ArtifactError(
                .damaged,
                action: "read",
                path: self.path(of: key),
                cause: "its SHA-256 is not the one in its name",
                cure: "remove it and submit the image again"
            )
        }
        return content
    }

    /// The content; nil if it has more bytes.
    private func read(_ key: ArtifactKey, maximumBytes: Int) async throws(ArtifactError) -> [UInt8]? {
        let path = try RelativePath(key.description)
        return try await operation("read", key).run { () throws(SystemFailure) -> [UInt8]? in
            let file = try Folder.containing(path, below: root, creating: nil).file(path.name)
            guard try file.length() <= Int64(maximumBytes) else { return nil }
            var content: [UInt8] = []
            try file.forEachPiece { (piece: UnsafeRawBufferPointer) in
                // A file that grows while it is read is damaged anyway.
                if content.count <= maximumBytes { content.append(contentsOf: piece) }
            }
            return content
        }
    }

    package func contains(_ key: ArtifactKey) async throws(ArtifactError) -> Bool {
        let path = try RelativePath(key.description)
        do {
            return try await operation("look for", key).run { () throws(SystemFailure) in
                let folder = try Folder.containing(path, below: root, creating: nil)
                return try folder.status(of: path.name).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
            }
        } catch  where error.kind == .notFound {
            return false
        }
    }

    package func remove(_ key: ArtifactKey) async throws(ArtifactError) {
        let path = try RelativePath(key.description)
        do {
            try await operation("remove", key).run { () throws(SystemFailure) in
                let folder = try Folder.containing(path, below: root, creating: nil)
                try folder.remove(path.name)
            }
        } catch  where error.kind == .notFound {
        }
    }

    private func path(of key: ArtifactKey) -> String { root + "/" + key.description }

    private func operation(_ action: String, _ key: ArtifactKey) -> FileOperation {
        FileOperation(action: action, path: path(of: key), root: root)
    }
}
