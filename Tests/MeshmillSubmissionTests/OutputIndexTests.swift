import Artifacts
import Testing

@testable import MeshmillSubmission

@Suite("Outputs that collide")
struct OutputIndexTests {
    private func candidate(_ path: String, mode: JobParameters.Mode = .fast) throws -> SourceCandidate {
        SourceCandidate(
            source: "/photos/" + path,
            name: path,
            output: try OutputName(source: path),
            followsLink: false,
            template: JobTemplate(parameters: try JobParameters(mode: mode))
        )
    }

    /// The pairs that the two looks find together.
    private func pairs(_ candidates: [SourceCandidate]) -> [[String]] {
        var index = OutputIndex()
        for candidate in candidates { _ = index.claim(candidate) }
        var finder = CollisionFinder(suspects: index.contested)
        for candidate in candidates { finder.look(at: candidate) }
        #expect(finder.collisions.count == finder.collisions.pairs.count)
        return finder.collisions.pairs.map { [$0.first, $0.second] }
    }

    @Test(
        "two sources that some file system would give one mesh are named",
        arguments: [
            ["a.png", "a.jpg"], ["A.png", "a.png"], ["é.png", "e\u{301}.jpg"], ["x/A/b.png", "x/a/B.webp"],
            ["a.glb/b.png", "a.png"], ["a.png", "a.glb/b.png"], ["a.json/b.png", "a.png"],
            ["a.thumbnail.png/c/b.png", "A.png"], ["Straße/Σ.png", "straße/ς.png"],
        ]
    )
    func findsPairs(paths: [String]) throws {
        #expect(pairs(try paths.map { try candidate($0) }) == [paths])
    }

    @Test(
        "sources that only look alike are let through",
        arguments: [
            ["a.png", "b.png"], ["a/b.png", "a.png"], ["a.glb.png", "a.png"], ["a.thumbnail.png", "a.jpg"],
            ["a1.png", "a/1.png"],
        ]
    )
    func letsThrough(paths: [String]) throws {
        #expect(pairs(try paths.map { try candidate($0) }).isEmpty)
    }

    @Test("the same source again is no collision, unless something else is asked of it")
    func tellsRepeats() throws {
        var index = OutputIndex()
        #expect(index.claim(try candidate("a.png")) == .first)
        #expect(index.claim(try candidate("a.png")) == .again)
        #expect(index.claim(try candidate("a.png", mode: .detailed)) == .taken)
        #expect(index.contested == [OutputKey(stem: "a")])
        #expect(index.count == 1)
        #expect(pairs(try [candidate("a.png"), candidate("a.png"), candidate("a.png", mode: .detailed)]).count == 1)
    }

    @Test("collisions are told with their cure, the first twenty one by one")
    func describesPairs() throws {
        var collisions = OutputCollisions()
        for number in 0..<1_500 {
            collisions.add(OutputCollisions.Pair(first: "\(number).png", second: "\u{1B}.png", output: "x.glb"))
        }
        let lines = collisions.description.split(separator: "\n")
        #expect(lines.count == 22)
        #expect(lines.first?.contains("give each an `out` in a manifest") == true)
        #expect(lines.dropFirst().first == "  0.png and \\u{1b}.png → x.glb")
        #expect(lines.last == "  and 1480 more")
    }
}
