import Glibc

extension ArtifactError {
    /// Words a failed system call.
    ///
    /// - Parameters:
    ///   - failure: the call's error number.
    ///   - action: what was attempted, as in "cannot write".
    ///   - path: the file it was attempted on.
    init(_ failure: SystemFailure, action: String, path: String) {
        let meaning = Self.meaning(of: failure.code)
        self.init(
            meaning.kind,
            action: action,
            path: path,
            cause: failure.words,
            cure: meaning.cure,
            systemError: failure.code
        )
    }

    /// What an error number means to a store, and what helps.
    private static func meaning(of code: Int32) -> (kind: Kind, cure: String?) {
        switch code {
        case ENOSPC: (.storageFull, "free some space on that disk")
        case EDQUOT: (.storageFull, "free some of the quota or raise it")
        case EIO, ENXIO, ENODEV, ESTALE, ETIMEDOUT, EREMOTEIO:
            (.ioFailure, "check the disk or the network share with dmesg")
        case EROFS: (.readOnly, "mount it writable or choose another folder")
        case EACCES, EPERM: (.accessDenied, "give this user the right to write there or choose another folder")
        case EMFILE: (.tooManyOpenFiles, "raise the limit with ulimit -n")
        case ENFILE: (.tooManyOpenFiles, "raise fs.file-max")
        case ENOENT: (.notFound, nil)
        case EEXIST, ENOTEMPTY: (.exists, "move it away or allow replacing")
        case ENOTDIR: (.notAFolder, "move away the file that stands where a folder must be")
        case EISDIR: (.notAFile, "move away the folder that stands where a file must be")
        case ELOOP: (.symbolicLink, "put a real folder or file in place of the link")
        case ENAMETOOLONG: (.nameTooLong, "choose a shorter name")
        case EFBIG: (.tooLarge, "raise the limit on file sizes")
        default: (.other, nil)
        }
    }
}
