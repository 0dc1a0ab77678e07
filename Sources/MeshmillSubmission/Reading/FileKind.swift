import Glibc

/// What lies under a name.
enum FileKind: UInt8, Sendable {
    case regular, folder, link, pipe, socket, device, unknown

    /// The kind that a directory entry tells; `unknown` where the file system does not say.
    init(entryType: UInt8) {
        self =
            switch Int(entryType) {
            case Int(DT_REG): .regular
            case Int(DT_DIR): .folder
            case Int(DT_LNK): .link
            case Int(DT_FIFO): .pipe
            case Int(DT_SOCK): .socket
            case Int(DT_CHR), Int(DT_BLK): .device
            default: .unknown
            }
    }

    /// The kind that `stat` tells.
    init(mode: mode_t) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            case S_IFCHR, S_IFBLK: .device
            default: .unknown
            }
    }

    /// Why a thing of this kind is no image; `nil` for a regular file.
    var refusal: String? {
        switch self {
        case .regular: nil
        case .folder: "a folder, not an image"
        case .link: "a link that cannot be followed"
        case .pipe: "a pipe, not a file"
        case .socket: "a socket, not a file"
        case .device: "a device, not a file"
        case .unknown: "not a file"
        }
    }
}
