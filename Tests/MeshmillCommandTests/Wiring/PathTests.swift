import Foundation
import Testing

@testable import meshmill

@Suite("Paths")
struct PathTests {
    @Test(
        "become absolute, without dots and double slashes",
        arguments: [
            ("a/b", "/home/ada/a/b"), ("/x//y/", "/x/y"), ("../bob/./c", "/home/bob/c"), ("..", "/home"),
            ("/../..", "/"), (".", "/home/ada"),
        ]
    )
    func absolute(path: String, absolute: String) {
        #expect(Path.absolute(path, in: "/home/ada") == absolute)
    }

    @Test("name one place one way, through links, also where nothing is yet")
    func canonical() throws {
        let folder = "/tmp/meshmill-path-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/real/sub", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real/sub")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(Path.canonical("link/new/er", in: folder) == folder + "/real/sub/new/er")
        #expect(Path.canonical("real/sub/", in: folder) == folder + "/real/sub")
        // As the kernel reads it: .. of what the link leads to.
        #expect(Path.canonical("link/..", in: folder) == folder + "/real")
        #expect(Path.canonical("/", in: folder) == "/")
        #expect(Path.canonical("/nowhere/at all", in: folder) == "/nowhere/at all")
    }

    @Test("become file addresses, percent-encoded")
    func fileURL() {
        #expect(Path.fileURL("/a b/ü%") == "file:///a%20b/%C3%BC%25")
    }
}
