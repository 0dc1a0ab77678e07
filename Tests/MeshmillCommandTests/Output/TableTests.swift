import Testing

@testable import meshmill

@Suite("A table")
struct TableTests {
    private var table: Table {
        var table = Table([
            .init(heading: "name", cuts: true), .init(heading: "n", isNumber: true), .init(heading: "note"),
        ])
        table.add(["/a/long/path/to/a/picture.png", "7", ""])
        table.add(["短い", "1000", "x\u{1B}[2J"])
        return table
    }

    @Test("aligns its columns, numbers to the right, and counts wide characters twice")
    func aligns() {
        #expect(
            table.lines(width: nil) == [
                "NAME                              N  NOTE",
                "/a/long/path/to/a/picture.png     7",
                "短い                           1000  x\\u{1b}[2J",
            ]
        )
    }

    @Test("cuts paths at their beginning to fit the terminal, but never to nothing")
    func cuts() {
        #expect(table.lines(width: 38)[1] == "…th/to/a/picture.png     7")
        #expect(table.lines(width: 1)[1] == "…ure.png     7")
    }

    @Test("cuts what says most at its beginning at its end")
    func cutsEnd() {
        var table = Table([.init(heading: "jobs", cutsEnd: true), .init(heading: "out", cuts: true)])
        table.add(["280 queued, 20 completed", "/a/meshes"])
        #expect(table.lines(width: 22)[1] == "280 queued…  /a/meshes", "\(table.lines(width: 22))")
    }
}
