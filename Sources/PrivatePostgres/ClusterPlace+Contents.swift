import FoundationEssentials

extension ClusterPlace {
    /// What a running or crashed server says of itself in `postmaster.pid`.
    struct Postmaster: Sendable, Equatable {
        var processID: Int32
        var port: Int
        var socketFolder: String
    }

    /// The data's major version; nil if no cluster was made.
    var version: Int? {
        let text = try? String(contentsOfFile: versionFile, encoding: .utf8)
        return text.flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// The server's own record; nil if there is none.
    ///
    /// The process may be dead.
    ///
    /// Lines: process id, data folder, start time, port, socket folder. Source: src/include/utils/pidfile.h
    var postmaster: Postmaster? {
        guard let text = try? String(contentsOfFile: postmasterFile, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, let processID = Int32(lines[0]), let port = Int(lines[3]), !lines[4].isEmpty else {
            return nil
        }
        return Postmaster(processID: processID, port: port, socketFolder: String(lines[4]))
    }
}
