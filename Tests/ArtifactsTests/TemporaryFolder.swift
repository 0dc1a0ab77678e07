import Artifacts
import Foundation

/// Lends a fresh folder and removes it afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "meshmill-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}

/// All files below a folder, hidden ones too, as sorted relative paths.
func files(below folder: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return found.filter { path in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder)
            && !isFolder.boolValue
    }.sorted()
}

/// Lends a fresh output folder.
func withOutput(_ body: (OutputFolder) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let output = try OutputFolder(root: folder + "/out")
        try await output.create()
        try await body(output)
    }
}
