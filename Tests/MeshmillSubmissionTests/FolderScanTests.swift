import Artifacts
import Glibc
import Testing

@testable import MeshmillSubmission

@Suite("Scanning folders")
struct FolderScanTests {
    private func scan(
        _ paths: [String],
        in folder: TemporaryFolder,
        skipping skipped: [String] = []
    ) -> [ListedItem] {
        var scan = FolderScan(
            paths: paths,
            workingFolder: folder.path,
            skippedFolders: skipped.map { folder.path + "/" + $0 },
            template: JobTemplate(parameters: .providerDefaults)
        )
        var items: [ListedItem] = []
        while let item = scan.next() { items.append(item) }
        return items
    }

    private func names(_ items: [ListedItem]) -> [String] {
        items.compactMap { if case .candidate(let candidate) = $0 { candidate.name } else { nil } }
    }

    private func refusals(_ items: [ListedItem]) -> [String] {
        items.compactMap { if case .refused(let refusal) = $0 { refusal.description } else { nil } }
    }

    @Test("names come in the order of their bytes, folders among them, named as they were typed")
    func ordersNames() async throws {
        try await withTemporaryFolder { folder in
            for name in ["p/b/1.png", "p/a.png", "p/b.png", "p/B.png", "p/c/d/e.png", "p/é.png", "p/10.png", "p/9.png"]
            {
                try folder.write(name, "x")
            }
            #expect(
                names(scan(["p/"], in: folder)) == [
                    "p/10.png", "p/9.png", "p/B.png", "p/a.png", "p/b/1.png", "p/b.png", "p/c/d/e.png", "p/é.png",
                ]
            )
            let above = scan(["p/../p/./b"], in: folder)
            #expect(names(above) == ["p/../p/./b/1.png"])
            guard case .candidate(let candidate) = try #require(above.first) else { return }
            #expect(candidate.source == folder.path + "/p/b/1.png")
            #expect(candidate.output.glb == "1.glb")
        }
    }

    @Test("only names of images are taken in folders, in any case; hidden ones are passed over")
    func choosesNames() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a.PNG", "b.Jpg", "c.JPEG", "d.WebP", "e.gif", "f", "g.png.txt", "png", ".h.png", ".i/j.png"] {
                try folder.write("p/" + name, "x")
            }
            let items = scan(["p"], in: folder)
            #expect(names(items) == ["p/a.PNG", "p/b.Jpg", "p/c.JPEG", "p/d.WebP"])
            #expect(items.count { $0 == .ignored } == 4)
        }
    }

    @Test("skipped folders are left out where they are found, through links too, but not where they are named")
    func skipsFolders() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("p/x.png", "x")
            try folder.write("p/home/y.png", "y")
            try folder.makeLink("p/link", to: "home")
            #expect(names(scan(["p"], in: folder, skipping: ["p/home", "nowhere"])) == ["p/x.png"])
            #expect(refusals(scan(["p"], in: folder, skipping: ["p/home"])) == [])
            #expect(names(scan(["p/home"], in: folder, skipping: ["p/home"])) == ["p/home/y.png"])
        }
    }

    @Test("a thumbnail is a result only beside its mesh")
    func tellsThumbnails() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a.glb", "a.thumbnail.png", "b.thumbnail.png", "a.thumbnail.png.png"] {
                try folder.write("p/" + name, "x")
            }
            #expect(names(scan(["p"], in: folder)) == ["p/a.thumbnail.png.png", "p/b.thumbnail.png"])
        }
    }

    @Test("folders that are nested too deep are one line, and what is above them is found")
    func boundsDepth() async throws {
        try await withTemporaryFolder { folder in
            let deep = Array(repeating: "d", count: FolderScan.maximumDepth + 3).joined(separator: "/")
            try folder.write("p/x.png", "x")
            try folder.write("p/\(deep)/y.png", "y")
            let items = scan(["p"], in: folder)
            #expect(names(items) == ["p/x.png"])
            #expect(refusals(items).count == 1)
            #expect(refusals(items).first?.hasSuffix("folders are nested deeper than 128; skipped") == true)
        }
    }

    @Test("a copy of a scan goes on by itself")
    func isAValue() async throws {
        try await withTemporaryFolder { folder in
            for name in ["1.png", "2.png", "3.png"] { try folder.write("p/" + name, "x") }
            var scan = FolderScan(
                paths: ["p"],
                workingFolder: folder.path,
                skippedFolders: [],
                template: JobTemplate(parameters: .providerDefaults)
            )
            _ = scan.next()
            var copy = scan
            #expect(copy.next() == scan.next())
            #expect(names([copy.next(), scan.next()].compactMap(\.self)) == ["p/3.png", "p/3.png"])
        }
    }

    @Test(
        "a file that turned into a link or a pipe since it was found is refused, not waited for",
        .timeLimit(.minutes(1))
    )
    func refusesSwappedFiles() async throws {
        try await withTemporaryFolder { folder in
            let reader = SourceReader(maximumBytes: 1_000)
            try folder.write("p/x.png", "content")
            try folder.write("other", "secret")
            guard case .candidate(let found) = try #require(scan(["p"], in: folder).first) else { return }
            #expect(try reader.read(found) == Array("content".utf8))

            try folder.remove("p/x.png")
            try folder.makeLink("p/x.png", to: "../other")
            #expect(throws: SourceProblem("a link that leads nowhere but to links")) { try reader.read(found) }
            #expect(throws: SourceProblem("a link that cannot be followed")) { try reader.identity(of: found) }

            try folder.remove("p/x.png")
            try folder.makePipe("p/x.png")
            #expect(throws: SourceProblem("a pipe, not a file")) { try reader.read(found) }
        }
    }
}
