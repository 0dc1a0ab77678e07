import Artifacts
import Testing

@Suite("Collisions of results")
struct CollisionIndexTests {
    @Test(
        "two sources that would overwrite one another are found",
        arguments: [
            ("a.png", "a.jpg", OutputCollision.Reason.sameName),
            ("d/a.png", "d/a.webp", .sameName),
            ("A.png", "a.png", .sameOnSomeFileSystems),
            ("D/a.png", "d/a.png", .sameOnSomeFileSystems),
            ("Ärger.png", "ärger.png", .sameOnSomeFileSystems),
            ("caf\u{E9}.png", "cafe\u{301}.png", .sameOnSomeFileSystems),
            ("ΣΑΣ.png", "σας.png", .sameOnSomeFileSystems),
            ("\u{212A}.png", "k.png", .sameOnSomeFileSystems),
            ("x.png", "x.glb/y.png", .folderAgainstFile),
            ("x.glb/y.png", "x.png", .folderAgainstFile),
            ("x.json/a/y.png", "X.png", .folderAgainstFile),
            ("x.png", "x.thumbnail.png/y.png", .folderAgainstFile),
            ("d/x.png", "D/X.GLB/y.png", .folderAgainstFile),
        ]
    )
    func found(first: String, second: String, reason: OutputCollision.Reason) throws {
        var index = CollisionIndex()
        #expect(index.add(try OutputName(source: first), source: first) == nil)
        let collision = try #require(index.add(try OutputName(source: second), source: second))
        #expect(collision.reason == reason)
        #expect(collision.source.utf8.elementsEqual(second.utf8) && collision.other.utf8.elementsEqual(first.utf8))
        #expect(!collision.description.contains("\n"))
    }

    @Test(
        "sources that are apart stay so",
        arguments: [
            ["a.png", "b/a.png", "a/a.png"], ["a.png", "a.thumbnail.png", "a.json.png", "a.glb.png"],
            ["straße.png", "strasse.png"], ["A/x.png", "a/y.png"], ["x.png", "x/y.png"], ["x.glbs/y.png", "x.png"],
        ]
    )
    func apart(sources: [String]) throws {
        var index = CollisionIndex()
        for source in sources { #expect(index.add(try OutputName(source: source), source: source) == nil) }
    }

    @Test("each of several twins is told against the first")
    func several() throws {
        var index = CollisionIndex()
        let collisions = try ["a.png", "a.jpg", "a.webp"].compactMap {
            index.add(try OutputName(source: $0), source: $0)
        }
        #expect(collisions.map(\.other) == ["a.png", "a.png"])
        #expect(collisions.map(\.source) == ["a.jpg", "a.webp"])
    }

    @Test("a collision tells both sources, the result and what to do, whatever their names hold")
    func description() throws {
        var index = CollisionIndex()
        _ = index.add(try OutputName(source: "a\n.png"), source: "a\n.png")
        let collision = try #require(index.add(try OutputName(source: "a\n.jpg"), source: "a\n.jpg"))
        #expect(
            collision.description
                == "a\\u{a}.png and a\\u{a}.jpg would both become a\\u{a}.glb; rename one of them"
        )
    }

    @Test("a hundred thousand names are checked in a moment", .timeLimit(.minutes(1)))
    func many() throws {
        var index = CollisionIndex()
        var collisions = 0
        for number in 0..<100_000 {
            let name = try OutputName(source: "d\(number % 100)/\(number).png")
            if index.add(name, source: "") != nil { collisions += 1 }
        }
        #expect(collisions == 0)
    }
}
