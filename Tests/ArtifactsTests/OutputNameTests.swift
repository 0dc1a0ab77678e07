import Artifacts
import Testing

@Suite("Names of results")
struct OutputNameTests {
    @Test(
        "the tree of sources is mirrored",
        arguments: [
            ("a.png", "a"), ("a/b.JPG", "a/b"), ("a b/c'd\".webp", "a b/c'd\""), ("x.tar.jpeg", "x.tar"),
            ("noextension", "noextension"), ("v1.2", "v1.2"), (".png", ".png"), ("dir.png/x.png", "dir.png/x"),
            ("new\nline.png", "new\nline"), ("🦊.png", "🦊"), ("bell\u{7}\u{1B}[2J.png", "bell__[2J"), ("…..png", "…."),
        ]
    )
    func stems(source: String, stem: String) throws {
        let name = try OutputName(source: source)
        #expect(name.stem == stem)
        #expect(name.glb == stem + ".glb" && name.json == stem + ".json")
        #expect(name.thumbnail(fileExtension: "png") == stem + ".thumbnail.png")
    }

    @Test("a chosen name may end in .glb or not", arguments: ["sub/model.glb", "sub/model", "sub/model.GLB"])
    func chosen(name: String) throws {
        #expect(try OutputName(chosen: name).glb == "sub/model.glb")
    }

    @Test("a chosen name keeps an extension that is not its own")
    func chosenExtension() throws {
        #expect(try OutputName(chosen: "model.png").glb == "model.png.glb")
    }

    @Test(
        "THREAT 3: a name cannot leave the folder",
        arguments: ["", "/a.png", "../a.png", "a/../b.png", "a//b.png", "a/", ".", ".."]
    )
    func escapes(path: String) async {
        await expectFailure(.invalidName) { _ = try OutputName(source: path) }
        await expectFailure(.invalidName) { _ = try OutputName(chosen: path) }
    }

    @Test("a name too long for its endings is cut, and two that differ late stay two", arguments: ["n", "é", "🦊"])
    func long(character: String) throws {
        let long = String(repeating: character, count: 250 / character.utf8.count)
        let first = try OutputName(source: "d/" + long + "1.png")
        let second = try OutputName(source: "d/" + long + "2.png")
        #expect(first.stem != second.stem)
        #expect(try OutputName(source: "d/" + long + "1.png") == first)
        let name = first.thumbnail(fileExtension: "webp").dropFirst(2)
        #expect(name.utf8.count <= 255)
        #expect(name.hasPrefix(String(repeating: character, count: 40)))
    }
}
