import Foundation

/// What `/proc` tells of processes.
enum ProcessTable {
    private struct Entry {
        var name: String
        var parent: Int
        /// Clock ticks of its own, and of children that have ended.
        var ticks: Double
        var endedChildrenTicks: Double
    }

    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Processor time of a process, in seconds; NaN if there is none.
    static func seconds(of process: Int) -> Double {
        entry(process).map { $0.ticks / ticksPerSecond } ?? .nan
    }

    /// Resident memory of a process, in MiB; NaN if there is none.
    static func residentMiB(of process: Int) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kib = Double(line.drop { !$0.isNumber }.prefix { $0.isNumber })
        else { return .nan }
        return kib / 1_024
    }

    /// Processor time of the whole PostgreSQL server that a backend belongs to, in seconds; NaN if it runs elsewhere.
    static func serverSeconds(ofBackend backend: Int) -> Double {
        guard let own = entry(backend), own.name.contains("postgres"), let postmaster = entry(own.parent) else {
            return .nan
        }
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
        let children = processes.compactMap(entry).filter { $0.parent == own.parent }
        let ticks = children.reduce(postmaster.ticks + postmaster.endedChildrenTicks) { $0 + $1.ticks }
        return ticks / ticksPerSecond
    }

    /// Source: proc(5), `/proc/pid/stat`: the name in brackets may hold anything, so fields count from its end.
    private static func entry(_ process: Int) -> Entry? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 14, let parent = Int(fields[1]) else { return nil }
        func ticks(_ index: Int) -> Double { Double(fields[index]) ?? 0 }
        return Entry(
            name: String(text[text.index(after: open)..<close]),
            parent: parent,
            ticks: ticks(11) + ticks(12),
            endedChildrenTicks: ticks(13) + ticks(14)
        )
    }
}
