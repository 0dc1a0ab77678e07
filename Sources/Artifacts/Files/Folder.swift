import Glibc

/// An open folder; every name is taken relative to it, so what is renamed above it meanwhile does not matter.
///
/// No operation follows a symbolic link, except in the path that ``open(root:)`` is given.
struct Folder: ~Copyable {
    let descriptor: Int32

    private init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens the folder that everything lies in.
    static func open(root path: String) throws(SystemFailure) -> Folder {
        Folder(owning: try SystemFailure.check { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Makes a folder and those above it that are missing.
    static func create(root path: String, mode: mode_t) throws(SystemFailure) {
        if mkdir(path, mode) == 0 { return }
        let code = errno
        if code == EEXIST { return _ = try open(root: path) }
        let parent = path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
        guard code == ENOENT, !parent.isEmpty else { throw SystemFailure(code: code) }
        try create(root: parent, mode: mode)
        if mkdir(path, mode) != 0 && errno != EEXIST { throw SystemFailure(code: errno) }
        try Folder.open(root: parent).synchronize()
    }

    /// Opens a folder in this one.
    ///
    /// With a mode, it is made if it is missing; nil makes none.
    func folder(_ name: String, creating mode: mode_t?) throws(SystemFailure) -> Folder {
        guard let mode else { return try folder(name) }
        do {
            return try folder(name)
        } catch  where error.code == ENOENT {
            if mkdirat(descriptor, name, mode) == 0 {
                try synchronize()
            } else if errno != EEXIST {
                throw SystemFailure(code: errno)
            }
            return try folder(name)
        }
    }

    private func folder(_ name: String) throws(SystemFailure) -> Folder {
        do {
            return Folder(
                owning: try SystemFailure.check {
                    openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
            )
        } catch  where error.code == ENOTDIR {
            // Linux says the same of a link as of a file.
            var status = stat()
            let isLink =
                fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
            throw isLink ? SystemFailure(code: ELOOP) : error
        }
    }

    /// Opens a regular file for reading; anything else of that name is refused without waiting for it.
    func file(_ name: String) throws(SystemFailure) -> OpenFile {
        let file = OpenFile(
            owning: try SystemFailure.check {
                openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
            }
        )
        var status = stat()
        try SystemFailure.check { fstat(file.descriptor, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemFailure(code: EISDIR) }
        return file
    }

    /// Makes a file that must not exist yet and opens it for writing.
    func createFile(_ name: String, mode: mode_t) throws(SystemFailure) -> OpenFile {
        OpenFile(
            owning: try SystemFailure.check {
                openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            }
        )
    }

    /// What stands under a name, without following a link; nil if nothing does.
    func status(of name: String) throws(SystemFailure) -> stat? {
        var status = stat()
        do {
            try SystemFailure.check { fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) }
            return status
        } catch  where error.code == ENOENT {
            return nil
        }
    }

    /// Gives a file in this folder its final name, in one step that other processes see whole or not at all.
    ///
    /// - Throws: `EEXIST` when there is something of that name and `replacing` is false.
    func move(_ name: String, to final: String, replacing: Bool) throws(SystemFailure) {
        if replacing {
            try SystemFailure.check { renameat(descriptor, name, descriptor, final) }
            // Two names of one file are left as they are by rename.
            try remove(name)
            return
        }
        // A link fails if the name is taken, which rename cannot; renameat2 could, but Swift does not import it.
        // A crash between the two calls leaves a second, hidden name, which goes with the stale parts.
        do {
            try link(name, in: self, as: final)
        } catch  where [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(error.code) {
            // A file system without links: check, then rename. Two writers at once could both pass.
            guard try status(of: final) == nil else { throw SystemFailure(code: EEXIST) }
            try SystemFailure.check { renameat(descriptor, name, descriptor, final) }
        }
        try remove(name)
    }

    /// Gives a file of this folder a second name in another one; fails with `EEXIST` if that is taken.
    func link(_ name: String, in target: borrowing Folder, as targetName: String) throws(SystemFailure) {
        try SystemFailure.check { linkat(descriptor, name, target.descriptor, targetName, 0) }
    }

    /// Removes a file; one that is not there is no error.
    func remove(_ name: String) throws(SystemFailure) {
        do {
            try SystemFailure.check { unlinkat(descriptor, name, 0) }
        } catch  where error.code == ENOENT {
        }
    }

    /// Waits until the names in this folder are on the device.
    func synchronize() throws(SystemFailure) {
        try SystemFailure.check { fsync(descriptor) }
    }

    /// The names in this folder with what they stand for, without `.` and `..`, in no particular order.
    func entries() throws(SystemFailure) -> [(name: String, isFolder: Bool)] {
        let copy = try SystemFailure.check {
            openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = fdopendir(copy) else {
            let code = errno
            close(copy)
            throw SystemFailure(code: code)
        }
        defer { closedir(stream) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            // Some file systems do not tell the type with the name.
            let type = Int(entry.pointee.d_type)
            let isFolder =
                type == DT_DIR
                || type == DT_UNKNOWN && (try? status(of: name)).flatMap { $0?.st_mode }.map { $0 & S_IFMT } == S_IFDIR
            entries.append((name, isFolder))
        }
        return entries
    }
}
