import Artifacts
import Glibc

/// Files and folders, read one entry at a time: folders with all that is below them, in byte-wise order.
///
/// Memory is the names of the folders on the way down to the present one. A value: a copy goes on by itself.
struct FolderScan: Sendable {
    /// Folders inside folders that are followed; deeper ones are refused.
    static let maximumDepth = 128

    struct OpenFolder: Sendable {
        let path: String
        /// The folder as the user would name it.
        let name: String
        /// The folder below the one that was named; empty for that itself.
        let below: String
        let entries: FolderEntries
        var next = 0
    }

    private var paths: ArraySlice<String>
    private let workingFolder: String
    private let skipped: Set<FolderIdentity>
    private let template: JobTemplate
    private var folders: [OpenFolder] = []

    /// A scan of the given paths, in their order.
    ///
    /// - Parameters:
    ///   - paths: as the user typed them; each is taken for a source whatever its name, or searched when it is a folder.
    ///   - workingFolder: where relative paths start, absolute.
    ///   - skippedFolders: absolute; left out where they are found, but not where they are named themselves.
    ///   - template: what each job is given.
    init(paths: [String], workingFolder: String, skippedFolders: [String], template: JobTemplate) {
        self.paths = paths[...]
        self.workingFolder = workingFolder
        self.template = template
        // One that does not exist yet has nothing in it to skip.
        skipped = Set(skippedFolders.compactMap { try? FolderIdentity(FileStatus.following($0).identity) })
    }

    /// The next source or refusal; `nil` at the end.
    mutating func next() -> ListedItem? {
        while true {
            if folders.isEmpty {
                guard let path = paths.popFirst() else { return nil }
                if let item = start(path) { return item }
            } else if let item = nextEntry() {
                return item
            }
        }
    }

    /// Takes a path that the user named; `nil` when it is a folder, which is open then.
    private mutating func start(_ path: String) -> ListedItem? {
        do {
            guard !path.isEmpty else { return refuse(path, name: "\"\"", "an empty path") }
            let absolute = try FilePath.absolute(path, in: workingFolder)
            let status = try FileStatus.following(absolute)
            if status.kind == .folder { return open(absolute, name: path, below: "", followsLink: true) }
            if let refusal = status.kind.refusal { return refuse(absolute, name: path, refusal) }
            return candidate(absolute, name: path, below: FilePath.lastComponent(absolute), followsLink: true)
        } catch {
            return refuse(path, name: path, error.description)
        }
    }

    /// Takes the next entry of the innermost folder; `nil` when there is none, or when it is a folder or skipped.
    private mutating func nextEntry() -> ListedItem? {
        let folder = folders[folders.count - 1]
        guard folder.next < folder.entries.count else {
            folders.removeLast()
            return nil
        }
        folders[folders.count - 1].next += 1
        let bytes = folder.entries.name(at: folder.next)
        var kind = folder.entries.kind(at: folder.next)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return refuseNameless(bytes, in: folder, kind: kind)
        }
        let path = FilePath.join(folder.path, text)
        let name = FilePath.join(folder.name, text)
        do {
            if kind == .unknown { kind = try FileStatus.notFollowing(path).kind }
            if kind == .folder {
                return open(path, name: name, below: FilePath.join(folder.below, text), followsLink: false)
            }
            let isLink = kind == .link
            if isLink {
                let target = try FileStatus.following(path)
                kind = target.kind
                if kind == .folder, skipped.contains(FolderIdentity(target.identity)) { return nil }
            }
            if kind == .folder {
                return refuse(path, name: name, "a link to a folder, which is not followed; name the folder itself")
            }
            guard ImageNames.isCandidate(bytes), !isOwnThumbnail(bytes, in: folder) else { return .ignored }
            if let refusal = kind.refusal { return refuse(path, name: name, refusal) }
            return candidate(path, name: name, below: FilePath.join(folder.below, text), followsLink: isLink)
        } catch {
            guard ImageNames.isCandidate(bytes) else { return .ignored }
            return refuse(path, name: name, isBrokenLink(kind, error) ? "a link to nothing" : error.description)
        }
    }

    /// Opens a folder to be read next; `nil` when that worked or when the folder is one that is skipped.
    private mutating func open(_ path: String, name: String, below: String, followsLink: Bool) -> ListedItem? {
        guard folders.count < Self.maximumDepth else {
            return refuse(path, name: name, "folders are nested deeper than \(Self.maximumDepth)")
        }
        do {
            let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW)
            let descriptor = Glibc.open(path, flags)
            guard descriptor >= 0 else { throw SystemError.last }
            // A folder that the user named is searched even if outputs go there too.
            if !below.isEmpty, skipped.contains(FolderIdentity(try identity(of: descriptor))) {
                close(descriptor)
                return nil
            }
            let entries = try FolderEntries(consuming: descriptor)
            folders.append(OpenFolder(path: path, name: name, below: below, entries: entries))
            return nil
        } catch {
            return refuse(path, name: name, "\(error); nothing in it was looked at")
        }
    }

    private func identity(of descriptor: Int32) throws(SystemError) -> FileIdentity {
        do {
            return try FileStatus.of(descriptor: descriptor).identity
        } catch {
            close(descriptor)
            throw error
        }
    }

    private func isOwnThumbnail(_ name: ArraySlice<UInt8>, in folder: OpenFolder) -> Bool {
        ImageNames.mesh(besideThumbnail: name).map { folder.entries.contains($0) } ?? false
    }

    private func isBrokenLink(_ kind: FileKind, _ error: SystemError) -> Bool {
        kind == .link && error.number == ENOENT
    }

    private func candidate(_ path: String, name: String, below: String, followsLink: Bool) -> ListedItem {
        do {
            let output = try OutputName(source: below)
            return .candidate(
                SourceCandidate(source: path, name: name, output: output, followsLink: followsLink, template: template)
            )
        } catch {
            return refuse(path, name: name, error.description)
        }
    }

    private func refuse(_ path: String, name: String, _ problem: String) -> ListedItem {
        .refused(SourceRefusal(source: path, name: name, problem: problem))
    }

    /// A name that is not text cannot be stored, exported or shown, so it is refused rather than changed.
    private func refuseNameless(_ bytes: ArraySlice<UInt8>, in folder: OpenFolder, kind: FileKind) -> ListedItem {
        guard ImageNames.isCandidate(bytes) || kind == .folder else { return .ignored }
        let text = String(decoding: bytes, as: UTF8.self)
        return refuse(
            FilePath.join(folder.path, text),
            name: FilePath.join(folder.name, text),
            "the name is not valid UTF-8; rename it"
        )
    }
}
