import Artifacts
import Foundation
import Testing

@Suite("Second names and stale parts")
struct OutputLinkTests {
    @Test("a second source gets the same file under its own name")
    func link() async throws {
        try await withOutput { output in
            try await output.writeSmallFile(relative: "a/one.glb", bytes: [1, 2, 3], replacing: false)
            try await output.linkOrCopy(from: "a/one.glb", to: "b/c/two.glb")
            #expect(files(below: output.root) == ["a/one.glb", "b/c/two.glb"])
            #expect(try inode(output.path(of: "a/one.glb")) == (try inode(output.path(of: "b/c/two.glb"))))
        }
    }

    @Test("linking again fails, or replaces, without a stray name")
    func again() async throws {
        try await withOutput { output in
            try await output.writeSmallFile(relative: "one.glb", bytes: [1], replacing: false)
            try await output.linkOrCopy(from: "one.glb", to: "two.glb")
            await expectFailure(.exists) { try await output.linkOrCopy(from: "one.glb", to: "two.glb") }
            // Both names are one file already, which rename would leave alone together with the part's name.
            try await output.linkOrCopy(from: "one.glb", to: "two.glb", replacing: true)
            #expect(files(below: output.root) == ["one.glb", "two.glb"])
        }
    }

    @Test("a source that is not there cannot be linked")
    func missing() async throws {
        try await withOutput { output in
            await expectFailure(.notFound) { try await output.linkOrCopy(from: "no.glb", to: "two.glb") }
            #expect(files(below: output.root).isEmpty)
        }
    }

    @Test("parts of crashed workers go once they are old, and nothing else does")
    func staleParts() async throws {
        try await withTemporaryFolder { folder in
            let output = try OutputFolder(root: folder + "/out")
            try await output.create()
            let kept = [
                "a.glb", ".hidden", ".a.glb.part", "sub/.b.glb.0123.part", "a.glb.0123456789abcdef.part",
                ".c.glb.0123456789ABCDEF.part",
            ]
            let stale = [".a.glb.0123456789abcdef.part", "sub/deep/.b.glb.00000000000000ff.part"]
            let fresh = "sub/.fresh.glb.0123456789abcdef.part"
            for name in kept + stale + [fresh] {
                let url = URL(filePath: output.root + "/" + name)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data([1]).write(to: url)
                let age: TimeInterval = name == fresh ? 60 : 7_200
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -age)],
                    ofItemAtPath: url.path
                )
            }
            try FileManager.default.createSymbolicLink(
                atPath: output.root + "/loop",
                withDestinationPath: output.root
            )
            #expect(try await output.removeStaleParts(olderThan: .seconds(3_600)) == 2)
            #expect(files(below: output.root) == (kept + [fresh]).sorted())
        }
    }

    @Test("parts of one file go when it is in place, and those of its neighbours if they are named")
    func partsOfOneFile() async throws {
        try await withTemporaryFolder { folder in
            let output = try OutputFolder(root: folder + "/out")
            try await output.create()
            let part = ".0123456789abcdef.part"
            let kept = ["sub/.b.glb" + part, "sub/.a.glb.x" + part, ".a.glb" + part, "sub/a.glb"]
            for name in kept + ["sub/.a.glb" + part, "sub/.a.json" + part] {
                let url = URL(filePath: output.root + "/" + name)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data([1]).write(to: url)
            }
            #expect(try await output.removeParts(of: "sub/a.glb", and: ["a.json"]) == 2)
            #expect(try await output.removeParts(of: "sub/a.glb", and: ["a.json"]) == 0)
            #expect(files(below: output.root) == kept.sorted())
        }
    }

    private func inode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    }
}
