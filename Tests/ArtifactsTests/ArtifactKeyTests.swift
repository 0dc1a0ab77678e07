import Artifacts
import Testing

@Suite("Keys and addresses")
struct ArtifactKeyTests {
    static let digest = String(repeating: "ab", count: 32)

    @Test("a key is its area, a fan-out folder, the digest and the extension, there and back")
    func description() throws {
        let key = try ArtifactKey(.inputs, sha256: Array(repeating: 0xAB, count: 32), fileExtension: "jpg")
        #expect(key.description == "inputs/ab/\(Self.digest).jpg")
        #expect(try ArtifactKey(key.description) == key)
    }

    @Test(
        "text that is no key is refused, however it tries to leave the store",
        arguments: [
            "", "/", "inputs", "../../etc/passwd", "inputs/../\(digest).jpg", "inputs/ab/../../x.jpg",
            "/inputs/ab/\(digest).jpg", "inputs/cd/\(digest).jpg", "inputs/ab/\(digest)", "other/ab/\(digest).jpg",
            "inputs/ab/\(digest).jpg/", "inputs/ab/\(digest).j/g", "inputs/ab/\(digest).JPG", "inputs/ab/\(digest).",
            "inputs/ab/\(digest.uppercased()).jpg", "inputs/ab/\(digest)ab.jpg", "inputs/ab/\(digest).jpg\0",
            "inputs/a/\(digest).jpg", "inputs//\(digest).jpg", "inputs/ab/\(digest).tar.gz",
        ]
    )
    func refused(text: String) async {
        await expectFailure(.invalidName) { _ = try ArtifactKey(text) }
    }

    @Test("a digest or an extension of the wrong size makes no key")
    func parts() async {
        await expectFailure(.invalidName) { _ = try ArtifactKey(.inputs, sha256: [1], fileExtension: "png") }
        await expectFailure(.invalidName) {
            _ = try ArtifactKey(.inputs, sha256: Array(repeating: 0, count: 32), fileExtension: "../..")
        }
    }

    @Test(
        "an address names an absolute folder",
        arguments: [
            ("file:///srv/meshes", "file:///srv/meshes"), ("file:/srv//meshes/", "file:///srv/meshes"),
            ("file://localhost/srv/a%20b", "file:///srv/a%20b"), ("file:///srv/ü b", "file:///srv/%C3%BC%20b"),
        ]
    )
    func addresses(given: String, recorded: String) throws {
        #expect(try makeArtifactStore(url: given).url == recorded)
    }

    @Test(
        "an address that is none says how to write one",
        arguments: [
            "", "file:", "file:///", "file://host/path", "file:relative", "/srv", "file:///a/../b", "file:///%00",
        ]
    )
    func badAddresses(url: String) {
        #expect {
            try makeArtifactStore(url: url)
        } throws: { error in
            let error = error as? ArtifactError
            return error?.kind == .invalidURL && error?.description.contains("MESHMILL_ARTIFACTS") == true
        }
    }

    @Test("an s3: address is refused with what to do instead")
    func s3() async {
        await expectFailure(.unsupportedStore) { _ = try makeArtifactStore(url: "s3://bucket/prefix") }
    }
}
