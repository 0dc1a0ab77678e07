import Foundation
import Logging
import MeshmillWorker

/// Remembers in `MESHMILL_HOME` how far each database had come, so that a restore from a backup is noticed.
///
/// One small file for each installation, `seen-ID`, replaced whole.
struct ServerMemoryFile: ServerMemory {
    /// Absolute path of the home.
    let folder: String
    let logger: Logger

    func writes(of installation: UUID) -> Int64? {
        guard let bytes = FileManager.default.contents(atPath: path(installation)), bytes.count < 64 else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    func remember(writes: Int64, of installation: UUID) {
        // A host without a home, such as a worker in a container, remembers nothing.
        guard FileManager.default.fileExists(atPath: folder) else { return }
        do {
            try Data("\(writes)\n".utf8).write(to: URL(filePath: path(installation)), options: .atomic)
        } catch {
            logger.debug("\(path(installation)) was not written: \(error)")
        }
    }

    private func path(_ installation: UUID) -> String {
        "\(folder)/seen-\(installation.uuidString.lowercased())"
    }
}
