import Foundation
import Testing

@testable import Artifacts

@Suite("What file system errors mean")
struct ArtifactErrorTests {
    @Test(
        "each error number has its kind, and its line names thing, cause and cure",
        arguments: [
            (ENOSPC, ArtifactError.Kind.storageFull), (EDQUOT, .storageFull), (EIO, .ioFailure), (ESTALE, .ioFailure),
            (EROFS, .readOnly), (EACCES, .accessDenied), (EPERM, .accessDenied), (EMFILE, .tooManyOpenFiles),
            (ENFILE, .tooManyOpenFiles), (EEXIST, .exists), (ENOTDIR, .notAFolder), (EISDIR, .notAFile),
            (ELOOP, .symbolicLink), (ENAMETOOLONG, .nameTooLong), (EFBIG, .tooLarge),
        ]
    )
    func kinds(code: Int32, kind: ArtifactError.Kind) {
        let error = ArtifactError(SystemFailure(code: code), action: "write", path: "/out/a.glb")
        #expect(error.kind == kind && error.systemError == code)
        #expect(error.description.hasPrefix("cannot write /out/a.glb: "))
        #expect(error.description.contains("; "), "no cure in: \(error.description)")
    }

    @Test("a missing file needs no cure")
    func missing() {
        let error = ArtifactError(SystemFailure(code: ENOENT), action: "read", path: "/out/a.glb")
        #expect(error.description == "cannot read /out/a.glb: no such file or directory")
    }

    @Test("what may pass by itself makes the store unavailable, what lies in one name does not")
    func availability() {
        let unavailable = ArtifactError.Kind.allCases.filter {
            ArtifactError($0, action: "write", path: "/a", cause: "x").isStoreUnavailable
        }
        #expect(
            unavailable == [.storageFull, .ioFailure, .readOnly, .accessDenied, .tooManyOpenFiles, .rootMissing]
        )
        #expect(ArtifactError(.storageFull, action: "write", path: "/a", cause: "x").isStorageFull)
        #expect(!ArtifactError(.ioFailure, action: "write", path: "/a", cause: "x").isStorageFull)
    }

    @Test("a full disk is told as a full disk")
    func fullDisk() {
        // The kernel's own full disk.
        let file = OpenFile(owning: open("/dev/full", O_WRONLY | O_CLOEXEC))
        let result = Result { () throws(SystemFailure) in
            try [UInt8](repeating: 1, count: 10).withUnsafeBufferPointer {
                (bytes: UnsafeBufferPointer<UInt8>) throws(SystemFailure) in
                try file.write(UnsafeRawBufferPointer(bytes))
            }
        }
        guard case .failure(let failure) = result else {
            Issue.record("a full disk took bytes")
            return
        }
        let error = ArtifactError(failure, action: "write", path: "/out/a.glb")
        #expect(error.isStorageFull)
        #expect(
            error.description
                == "cannot write /out/a.glb: no space left on device; free some space on that disk"
        )
    }

    @Test("control and direction characters in a path are shown, not obeyed")
    func printablePaths() {
        let error = ArtifactError(.exists, action: "write", path: "a\n\u{1B}[2J\u{202E}é🦊", cause: "x")
        #expect(error.description == "cannot write a\\u{a}\\u{1b}[2J\\u{202e}é🦊: x")
    }

    @Test("where links are not possible the content is copied")
    func copies() async throws {
        try await withTemporaryFolder { folder in
            let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
            try Data(bytes).write(to: URL(filePath: folder + "/a"))
            let root = try Folder.open(root: folder)
            let copy = try root.createFile("b", mode: 0o600)
            try copy.copyContent(of: try root.file("a"))
            #expect(try Data(contentsOf: URL(filePath: folder + "/b")) == Data(bytes))
        }
    }

    @Test("a part's name never exceeds what file systems take, whatever it is for")
    func partNames() {
        for name in ["a.glb", String(repeating: "n", count: 255), String(repeating: "🦊", count: 63)] {
            let part = PartName.random(for: name)
            #expect(part.utf8.count <= 255 && part.hasPrefix(".") && PartName.matches(part))
            #expect(PartName.random(for: name) != part)
        }
    }
}
