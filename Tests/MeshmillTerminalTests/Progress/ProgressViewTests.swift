import MeshmillCore
import MeshmillTerminal
import Testing

@Suite("The block that shows a run")
struct ProgressViewTests {
    private func block(_ snapshot: RunSnapshot, width: Int, style: TerminalStyle = .plain) -> [String] {
        ProgressView.lines(snapshot, width: width, style: style, now: .noon)
    }

    private func text(_ snapshot: RunSnapshot, width: Int, style: TerminalStyle = .plain) -> String {
        block(snapshot, width: width, style: style).joined(separator: "\n")
    }

    @Test("80 columns")
    func eighty() {
        let expected = """
             ⠋ photos/ → meshes/                                           batch 42  1:03:12
             ▕██████████████▍                                        ▏  26.3 %  317 of 1,204
             312 done   24 running   863 waiting   5 failed
             225 meshes/h   ETA 3 h 41 min (15:41)   317 of 2,000 credits (24 reserved)
             12 of 14 keys usable
             ▸ next slot in 03:12
               chair-red.png                          ▕█████▍    ▏  54% texturing
               台灯/ランプ.jpg                        ▕█▎        ▏  12% geometry
               🪑 stool.webp                                            place 3 in line
            """
        #expect(text(.busy, width: 80) == expected)
    }

    @Test("100 columns")
    func wide() {
        let expected = """
             ⠋ photos/ → meshes/                                                               batch 42  1:03:12
             ▕███████████████████▋                                                       ▏  26.3 %  317 of 1,204
             312 done   24 running   863 waiting   5 failed
             225 meshes/h   ETA 3 h 41 min (15:41)   317 of 2,000 credits (24 reserved)   12 of 14 keys usable
             ▸ next slot in 03:12
               chair-red.png                                             ▕█████▍    ▏  54% texturing
               台灯/ランプ.jpg                                           ▕█▎        ▏  12% geometry
               🪑 stool.webp                                                               place 3 in line
            """
        #expect(text(.busy, width: 100) == expected)
    }

    @Test("very wide terminals show a block of 120 columns")
    func veryWide() {
        #expect(block(.busy, width: 500) == block(.busy, width: 120))
        #expect(block(.busy, width: 500).map { DisplayWidth.of($0) }.max() == 120)
    }

    @Test("40 columns")
    func narrow() {
        let expected = """
             ⠋ photos/ → meshes/             1:03:12
             ▕███▉           ▏  26.3 %  317 of 1,204
             312 done   24 running   863 waiting
             5 failed
             225 meshes/h   ETA 3 h 41 min (15:41)
             317 of 2,000 credits (24 reserved)
             12 of 14 keys usable
             ▸ next slot in 03:12
               chair-red.png        54% texturing
               台灯/ランプ.jpg      12% geometry
               🪑 stool.webp            place 3
            """
        #expect(text(.busy, width: 40) == expected)
    }

    @Test("without symbols")
    func ascii() {
        let expected = """
             | photos/ -> meshes/                                          batch 42  1:03:12
             [##############                                         ]  26.3 %  317 of 1,204
             312 done   24 running   863 waiting   5 failed
             225 meshes/h   ETA 3 h 41 min (15:41)   317 of 2,000 credits (24 reserved)
             12 of 14 keys usable
             > next slot in 03:12
               chair-red.png                          [#####     ]  54% texturing
               台灯/ランプ.jpg                        [#         ]  12% geometry
               🪑 stool.webp                                            place 3 in line
            """
        #expect(text(.busy, width: 80, style: .ascii) == expected)
    }

    @Test("the first moment says what is going on")
    func start() {
        var snapshot = RunSnapshot(source: "photos/", out: "meshes/")
        snapshot.isSubmitting = true
        let expected = """
             ⠋ photos/ → meshes/                                                       00:00
             ▕                                                                             ▏
             0 done   0 running   0 waiting
             0 credits
             ▸ looking for images
            """
        #expect(text(snapshot, width: 80) == expected)
    }

    @Test("a run with everything wrong")
    func troubles() {
        var snapshot = RunSnapshot.busy
        snapshot.counts.held = 2
        snapshot.refused = 3
        snapshot.troubles = [.storage("no space left on device"), .database("connection refused")]
        let expected = """
             ⠋ photos/ → meshes/                                           batch 42  1:03:12
             ▕██████████████▌                                        ▏  26.4 %  319 of 1,206
             312 done   24 running   863 waiting   5 failed   2 held   3 refused
             225 meshes/h   317 of 2,000 credits (24 reserved)   12 of 14 keys usable
             ! waiting for the database: connection refused
             ! waiting for the disk: no space left on device
               chair-red.png                          ▕█████▍    ▏  54% texturing
               台灯/ランプ.jpg                        ▕█▎        ▏  12% geometry
               🪑 stool.webp                                            place 3 in line
            """
        #expect(text(snapshot, width: 80) == expected)
    }

    @Test(
        "no line is wider than the terminal, whatever the names",
        arguments: [1, 2, 7, 16, 23, 39, 40, 41, 59, 60, 80, 119, 120, 140]
    )
    func bounded(width: Int) {
        var snapshot = RunSnapshot.busy
        let names = ["👨‍👩‍👧 family 🪑.png", "evil\u{1B}[2J\n.png", "\u{202E}gnp.exe", String(repeating: "長", count: 200)]
        snapshot.source = names[3]
        snapshot.out = names[1]
        snapshot.active = names.map {
            ActiveGeneration(source: $0, state: .generating, percent: .infinity, step: $0, queuePosition: nil)
        }
        snapshot.breaker = BreakerOutlook(reason: names[3])
        for line in block(snapshot, width: width) {
            #expect(DisplayWidth.of(line) <= width)
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{202E}" })
        }
    }

    @Test("the bar is full only at the end, and begins with the first mesh")
    func bar() {
        var snapshot = RunSnapshot(source: "a", out: "b")
        snapshot.counts.queued = 10_000
        #expect(block(snapshot, width: 80)[1].contains("▕ "))
        snapshot.counts.completed = 1
        #expect(block(snapshot, width: 80)[1].contains("▕▏"))
        snapshot.counts.completed = 100_000_000
        #expect(block(snapshot, width: 80)[1].contains("▉▏  99.9 %"))
        snapshot.counts.queued = 0
        #expect(block(snapshot, width: 80)[1].contains("█▏  100 %"))
    }

    @Test("colours are few: green what is done, red what failed, yellow what binds")
    func colours() {
        let lines = block(.busy, width: 80, style: .full)
        #expect(lines[2].contains("\u{1B}[32m312\u{1B}[0m"))
        #expect(lines[2].contains("\u{1B}[31m5\u{1B}[0m"))
        #expect(lines.contains { $0.hasPrefix("\u{1B}[33m ▸ next slot in 03:12") })
    }

    @Test("an end is foretold only when it can be")
    func foretold() {
        let hasEnd = { (snapshot: RunSnapshot) in block(snapshot, width: 120).contains { $0.contains("ETA") } }
        #expect(hasEnd(.busy))
        var snapshot = RunSnapshot.busy
        snapshot.typicalGeneration = nil
        #expect(!hasEnd(snapshot))
        snapshot = .busy
        snapshot.breaker = BreakerOutlook(probeIn: .seconds(30))
        #expect(!hasEnd(snapshot))
        snapshot = .busy
        snapshot.slots.quotaLeft = 100
        #expect(!hasEnd(snapshot))
        #expect(block(snapshot, width: 120).contains { $0.contains("763 meshes beyond this month's quota") })
        snapshot.credits.maximum = 400
        #expect(block(snapshot, width: 120).contains { $0.contains("804 meshes beyond --max-credits") })
    }
}
