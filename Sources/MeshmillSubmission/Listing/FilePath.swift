import Glibc

/// Paths as text, split at slash bytes: a combining mark after a slash must not hide the slash.
enum FilePath {
    private static let slash = UInt8(ascii: "/")

    /// The absolute form of a path, with single slashes and without `.` components.
    ///
    /// A path with `..` is resolved through the folder that holds it, since the parent of a linked folder is not the
    /// component before it; links in the last component stay as they are.
    ///
    /// - Throws: ``SystemError`` when that folder does not exist.
    static func absolute(_ path: String, in folder: String) throws(SystemError) -> String {
        let joined = isAbsolute(path) ? path : folder + "/" + path
        let components = components(of: joined).filter { !$0.utf8.elementsEqual(".".utf8) }
        guard components.contains(where: isParent) else { return "/" + components.joined(separator: "/") }
        guard let last = components.last, !isParent(last) else { return try real(joined) }
        return join(try real("/" + components.dropLast().joined(separator: "/")), String(last))
    }

    /// The path below a folder; a folder that is empty adds nothing.
    static func join(_ folder: String, _ name: String) -> String {
        guard let last = folder.utf8.last else { return name }
        return last == slash ? folder + name : folder + "/" + name
    }

    static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

    static func components(of path: String) -> [Substring] {
        path.utf8.split(separator: slash).map { Substring($0) }
    }

    static func isParent(_ component: Substring) -> Bool { component.utf8.elementsEqual("..".utf8) }

    /// The last component; empty for the root.
    static func lastComponent(_ path: String) -> String { components(of: path).last.map(String.init) ?? "" }

    /// The folder part of a path as it was typed; empty when there is none.
    static func typedFolder(_ path: String) -> String {
        guard let end = path.utf8.lastIndex(of: slash) else { return "" }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// The folder that relative paths start from.
    static func workingFolder() throws(SystemError) -> String { try real(".") }

    private static func real(_ path: String) throws(SystemError) -> String {
        guard let resolved = realpath(path, nil) else { throw .last }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
