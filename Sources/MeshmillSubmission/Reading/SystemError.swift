import Glibc

/// A refused system call, by its error number.
struct SystemError: Error, Equatable, CustomStringConvertible {
    let number: Int32

    /// The error that the calling thread's last call left.
    static var last: SystemError { SystemError(number: errno) }

    /// What is wrong with a source, in a few words and in lower case.
    var description: String {
        switch number {
        case ENOENT: "no such file or folder"
        case EACCES, EPERM: "permission denied"
        case ELOOP: "a link that leads nowhere but to links"
        case ENAMETOOLONG: "the path is too long for this system"
        case EIO: "the disk could not read it (input/output error)"
        default: String(cString: strerror(number)).lowercased()
        }
    }

    /// Whether the process ran out of files to open, which says nothing about the source.
    var isShortageOfDescriptors: Bool { number == EMFILE || number == ENFILE }
}
