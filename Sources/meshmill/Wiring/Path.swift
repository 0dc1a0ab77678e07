import FoundationEssentials
import Glibc

/// Paths as the database records them: absolute, and one spelling for one place.
enum Path {
    /// The absolute path of what a user typed, without `.`, `..` and double slashes; links are not looked at.
    static func absolute(_ path: String, in workingDirectory: String) -> String {
        var components: [Substring] = []
        for component in ((path.hasPrefix("/") ? "" : workingDirectory + "/") + path).split(separator: "/") {
            switch component {
            case ".": continue
            case "..": _ = components.popLast()
            default: components.append(component)
            }
        }
        return "/" + components.joined(separator: "/")
    }

    /// The canonical path of a folder that need not exist: links are resolved as far down as there is something.
    static func canonical(_ path: String, in workingDirectory: String) -> String {
        // `..` is read after links, as the kernel does, so the whole is not made absolute first.
        var head = (path.hasPrefix("/") ? path : workingDirectory + "/" + path)[...]
        var tail: [Substring] = []
        while !head.isEmpty {
            if let resolved = realpath(String(head), nil) {
                defer { free(resolved) }
                return absolute(([String(cString: resolved)] + tail.map(String.init)).joined(separator: "/"), in: "/")
            }
            while head.last == "/" { head.removeLast() }
            guard let slash = head.lastIndex(of: "/") else { break }
            tail.insert(head[head.index(after: slash)...], at: 0)
            head = head[...slash]
            if head == "/" { break }
            head.removeLast()
        }
        return absolute("/" + tail.joined(separator: "/"), in: "/")
    }

    /// The `file:` address of an absolute path.
    static func fileURL(_ path: String) -> String {
        "file://"
            + path.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "~"), UInt8(ascii: "/"):
                    String(UnicodeScalar(byte))
                default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            }.joined()
    }
}
