import MeshmillTerminal
import Testing

@Suite("The screen of top")
struct TopViewTests {
    private let screen = TerminalSize(columns: 80, rows: 24)

    private func view(isWriting: Bool = false) -> TopView {
        TopView(isWriting: isWriting, style: TerminalStyle(hasColour: false, hasSymbols: true))
    }

    private func press(_ keys: String, _ view: inout TopView) -> [TopView.Order] {
        keys.compactMap { view.press(.character($0), .busy) }
    }

    private func shown(_ view: inout TopView, _ snapshot: TopSnapshot = .busy) -> [String] {
        view.lines(snapshot, size: screen).map(\.text)
    }

    @Test("is as large as the terminal and never wider, on every list, whatever is in it")
    func fits() {
        for columns in [20, 40, 80, 200] {
            for rows in [4, 24, 50] {
                for tab in "12345?" {
                    var view = view()
                    _ = press(String(tab), &view)
                    let lines = view.lines(.busy, size: TerminalSize(columns: columns, rows: rows))
                    #expect(lines.count == rows)
                    for line in lines { #expect(line.width <= columns, "\(tab) at \(columns): \(line.text)") }
                }
            }
        }
    }

    @Test("shows at 80 by 24 a key's strip, the countdowns of its slots, and what else there is")
    func keys() {
        var view = view()
        let lines = shown(&view)
        #expect(
            lines[0].hasPrefix("meshmill") && lines[0].contains("1 worker") && lines[0].contains("window model paced")
        )
        #expect(lines[1] == " 1,200 queued, 3 generating, 10,000+ completed")
        #expect(lines[2].contains("1 keys  2 batches"))
        let heading = lines[3].split(separator: " ", omittingEmptySubsequences: true)
        #expect(
            heading.starts(with: ["KEY", "STATUS", "SLOTS", "NEXT", "IN", "FLIGHT", "MONTH", "POSTS", "FREES", "IN"])
        )
        let key = lines.first { $0.contains("key-2 ") }
        #expect(key?.contains("▶█░░░") == true && key?.contains("07:30 14:") == true, "\(lines)")
        #expect(lines.last == " q quit  ? help  1-5 lists  s sort  / filter")
    }

    @Test("says what stops everything, in the first line")
    func alarms() {
        var snapshot = TopSnapshot.busy
        snapshot.isSubmitting = false
        snapshot.breaker = "503 for 2 min"
        var view = view()
        #expect(shown(&view, snapshot)[0].contains("SUBMITTING IS STOPPED  BREAKER OPEN: 503 for 2 min"))
    }

    @Test("sorts by each column in turn: names as people count, numbers by what matters more")
    func sorts() {
        var view = view()
        func names() -> [String] {
            shown(&view).dropFirst(4).compactMap { line in
                line.split { " ›".contains($0) }.first.map(String.init).flatMap { $0.hasPrefix("key") ? $0 : nil }
            }
        }
        #expect(names() == ["key-1", "key-2", "key-10"])
        _ = press("sssss", &view)
        // By what is left of the month.
        #expect(names() == ["key-10", "key-2", "key-1"])
        _ = press("s", &view)
        // By POSTs.
        #expect(names() == ["key-2", "key-10", "key-1"])
    }

    @Test("shows only what matches the filter, while it is typed and after, until Escape")
    func filters() {
        var view = view()
        _ = press("/paused", &view)
        #expect(shown(&view)[2].hasSuffix("/paused_"))
        _ = view.press(.enter, .busy)
        let lines = shown(&view)
        #expect(lines[4].contains("key-10") && !lines.contains { $0.contains("key-2") })
        #expect(lines[2].hasSuffix("/paused"))
        _ = press("/x", &view)
        #expect(shown(&view)[4] == " none that match")
        _ = view.press(.escape, .busy)
        _ = view.press(.escape, .busy)
        #expect(shown(&view).contains { $0.contains("key-2 ") })
    }

    @Test("explains its keys until the next one is pressed, no line cut off at 80 columns")
    func help() {
        for isWriting in [false, true] {
            var view = view(isWriting: isWriting)
            _ = press("?", &view)
            let lines = shown(&view)
            #expect(lines.contains { $0.contains("Page Up") } && lines.contains { $0.contains("a POST is out") })
            #expect(!lines.contains { $0.contains("…") })
            #expect(lines.contains { $0.contains("need --rw") } == !isWriting)
            _ = press("x", &view)
            #expect(!shown(&view).contains { $0.contains("Page Up") })
        }
    }

    @Test("changes nothing without --rw, and says so")
    func readsOnly() {
        var view = view()
        #expect(press("pSy", &view) == [])
        _ = press("p", &view)
        #expect(shown(&view).last == " nothing is changed without --rw")
    }

    @Test("asks before it changes anything, and takes nothing but y for a yes")
    func asks() {
        var view = view(isWriting: true)
        #expect(press("p", &view) == [])
        #expect(shown(&view).last == " Pause key key-1? [y/N]")
        #expect(press("n", &view) == [])
        #expect(press("py", &view) == [.pauseKey("key-1")])
        #expect(press("jjpy", &view) == [.resumeKey("key-10")])
        #expect(press("Sy", &view) == [.stopSubmitting])
        #expect(press("2py", &view) == [.holdBatch(7)])
        #expect(press("3py", &view) == [.pauseTenant("shop")])
        #expect(press("4p", &view) == [])
        #expect(shown(&view).last == " there is nothing to pause here")
        #expect(press("q", &view) == [.quit])
    }

    @Test("keeps the selection on the screen of a long list, and says which part is shown")
    func scrolls() {
        var snapshot = TopSnapshot.busy
        snapshot.keys = (1...100).map { .sample("key-\($0)", slots: [.zero]) }
        var view = view()
        _ = view.press(.end, snapshot)
        let lines = shown(&view, snapshot)
        #expect(lines.contains { $0.hasPrefix("›key-100") } && lines.contains(" 83 to 100 of 100"), "\(lines)")
        _ = view.press(.home, snapshot)
        #expect(shown(&view, snapshot)[4].hasPrefix("›key-1 "))
    }

    @Test("shows the end of a path that is too long, and never half of a wide character")
    func paths() {
        var view = view()
        _ = press("2", &view)
        #expect(
            shown(&view)[4].contains("/h") && shown(&view)[4].contains("…") && shown(&view)[4].contains("shes"),
            "\(shown(&view)[4])"
        )
        _ = press("5", &view)
        let wide = view.lines(.busy, size: TerminalSize(columns: 200, rows: 24)).map(\.text)
        #expect(wide[4].contains("🪑 台灯.png") && wide[4].contains("the mesh could not be made"))
    }

    @Test(
        "reads what terminals send for keys",
        arguments: [
            ("\u{1B}[A", TopKeyPress.up), ("\u{1B}OB", .down), ("\u{1B}[5~", .pageUp), ("\u{1B}[F", .end),
            ("\u{1B}", .escape),
            ("\u{3}", .interrupt), ("\u{7F}", .backspace), ("ä", .character("ä")), ("\u{9}", .tab), ("\r", .enter),
        ]
    )
    func decodes(bytes: String, key: TopKeyPress) {
        #expect(TopKeyPress.decode(Array(bytes.utf8)) == [key])
    }
}
