import Foundation

/// A program of this machine, looked for where shells look.
enum Program {
    /// Its absolute path; `nil` if it is not installed.
    static func find(_ name: String, alsoIn folders: [String] = []) -> String? {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(
            String.init
        )
        return (folders + path).map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
