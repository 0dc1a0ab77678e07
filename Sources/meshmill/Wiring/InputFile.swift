import Glibc
import MeshmillTerminal

/// Small text files that a command line names; `-` is standard input.
enum InputFile {
    /// Reads a whole file as UTF-8.
    ///
    /// - Throws: ``Failure`` with exit 74 if it cannot be read, 64 if it is too long or not UTF-8.
    static func text(_ path: String, maximumBytes: Int) throws -> String {
        let name = path == "-" ? "standard input" : OneLine.text(path)
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.inputOutput, "cannot read \(name): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw Failure(.inputOutput, "cannot read \(name): \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
            guard bytes.count <= maximumBytes else {
                throw Failure(.usage, "\(name) is longer than \(maximumBytes >> 20) MiB; split it")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.usage, "\(name) is not UTF-8 text; save it as UTF-8")
        }
        return text
    }
}
