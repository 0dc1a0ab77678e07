import Foundation

/// The machine that figures were measured on, as far as it says so itself.
package struct MachineFacts: Sendable {
    package var processors: Int
    package var processorModel: String
    package var memoryGiB: Double
    package var system: String

    /// Reads `/proc`; what is missing there is named unknown.
    package static func read() -> MachineFacts {
        let model = first("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        let memory = first("MemTotal", in: "/proc/meminfo").flatMap { Double($0.prefix { $0.isNumber }) } ?? .nan
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? "unknown"
        return MachineFacts(
            processors: ProcessInfo.processInfo.activeProcessorCount,
            processorModel: model,
            memoryGiB: memory / 1_048_576,
            system: "Linux " + kernel.trimmingCharacters(in: .whitespacesAndNewlines)
        )
    }

    /// One sentence.
    package var sentence: String {
        "\(processors) processors (\(processorModel)), \(BenchValue.number(memoryGiB).shown) GiB of memory, \(system)"
    }

    private static func first(_ field: String, in path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix(field) }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
