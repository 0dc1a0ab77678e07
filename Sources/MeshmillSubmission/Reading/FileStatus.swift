import Glibc

/// What the file system tells about a file without reading it.
struct FileStatus: Sendable {
    let kind: FileKind
    let identity: FileIdentity

    init(_ status: stat) {
        kind = FileKind(mode: status.st_mode)
        identity = FileIdentity(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modifiedSeconds: Int64(status.st_mtim.tv_sec),
            modifiedNanoseconds: Int64(status.st_mtim.tv_nsec)
        )
    }

    /// The status of what a path leads to, links followed.
    static func following(_ path: String) throws(SystemError) -> FileStatus {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last }
        return FileStatus(status)
    }

    /// The status of what lies under a path itself.
    static func notFollowing(_ path: String) throws(SystemError) -> FileStatus {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .last }
        return FileStatus(status)
    }

    static func of(descriptor: Int32) throws(SystemError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return FileStatus(status)
    }
}

/// One state of one file: equal identities are taken for equal content.
///
/// A file that is rewritten within the clock's grain and keeps its size would be missed; that is why identities are
/// compared only within one submission.
struct FileIdentity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
    /// Length in bytes.
    let size: Int64
    let modifiedSeconds: Int64
    let modifiedNanoseconds: Int64
}

/// A folder as the file system knows it, whatever path leads there.
struct FolderIdentity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64

    init(_ identity: FileIdentity) {
        device = identity.device
        inode = identity.inode
    }
}
