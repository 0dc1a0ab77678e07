import MeshmillCore
import Testing

@testable import MeshmillTerminal

@Suite("Showing progress")
struct ProgressPrinterTests {
    private struct Refused: Error {}

    private func printer(_ device: RecordingDevice, style: TerminalStyle = .full) -> ProgressPrinter {
        ProgressPrinter(.busy, device: device, style: style, now: { .noon })
    }

    @Test("every frame stands where the last one stood, and leaves the terminal at rest")
    func inPlace() async {
        let device = RecordingDevice()
        device.write(Array("$ meshmill run photos/\n".utf8))
        let printer = printer(device)
        await printer.showing {
            let first = device.screen.text
            #expect(first.first == "$ meshmill run photos/")
            for step in 1...30 {
                var snapshot = RunSnapshot.busy
                snapshot.active.removeLast(step % 3)
                printer.update(snapshot)
                printer.tick()
                #expect(device.screen.text.count == first.count - step % 3)
                #expect(device.screen.isAtRest)
            }
        }
        #expect(device.screen.text == ["$ meshmill run photos/"])
        #expect(device.screen.isAtRest)
        #expect(device.screen.unknown.isEmpty)
    }

    @Test("lines above the block stay, also wide ones and at the end of the screen", arguments: [40, 80, 120])
    func above(columns: Int) async {
        let device = RecordingDevice(columns: columns, rows: 40)
        let printer = printer(device)
        let wide = String(repeating: "wide-", count: 20) + "end"
        await printer.showing {
            for number in 0..<100 {
                printer.printAbove(number == 98 ? wide : "line \(number)")
                printer.tick()
            }
            let block = device.screen.text.filter { $0.contains("312 done") }
            #expect(block.count == 1)
        }
        let text = device.screen.text
        #expect(text.last == "line 99")
        #expect(text.contains("line 97"))
        #expect(text.joined().contains(wide))
    }

    @Test("a block higher than the screen loses its last lines, and never scrolls")
    func low() async {
        let device = RecordingDevice(columns: 40, rows: 6)
        let printer = printer(device)
        await printer.showing {
            for _ in 0..<5 { printer.tick() }
            #expect(device.screen.text.count == 5)
            #expect(device.screen.text.first?.contains("photos/") == true)
        }
        #expect(device.screen.text.isEmpty)
    }

    @Test("a terminal held by a person does not hold the work, and has its log lines when it is let go")
    func held() async {
        let device = RecordingDevice()
        let printer = printer(device)
        await printer.showing {
            device.setReady(false)
            let writes = device.writes.count
            printer.tick()
            #expect(device.writes.count == writes)
            printer.printAbove("news")
            #expect(device.writes.count == writes)
            device.setReady(true)
            printer.tick()
            #expect(device.writes.count > writes)
            #expect(device.writes.contains { $0.contains("news") })
        }
    }

    @Test("an error passes through and the block is gone")
    func failing() async {
        let device = RecordingDevice()
        let printer = printer(device)
        await #expect(throws: Refused.self) {
            try await printer.showing { throw Refused() }
        }
        #expect(device.screen.text.isEmpty)
        #expect(device.screen.isAtRest)
    }

    @Test("it draws by itself while the work goes on")
    func drawing() async throws {
        let device = RecordingDevice()
        let printer = printer(device)
        try await printer.showing {
            let deadline = ContinuousClock.now + .seconds(30)
            while device.writes.count < 3, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        #expect(device.writes.count >= 4)
    }

    @Test("elsewhere there is a line at the start, then at most one in ten seconds and only with news, then a last one")
    func plain() async {
        let device = RecordingDevice(canRedraw: false)
        let printer = printer(device, style: .plain)
        await printer.showing {
            var snapshot = RunSnapshot.busy
            for second in 1...60 {
                snapshot.elapsed += .seconds(1)
                if second == 3 || second == 45 { snapshot.counts.completed += 1 }
                printer.update(snapshot)
                printer.tick()
            }
            printer.printAbove("a log line")
        }
        let lines = device.writes.map { String($0.dropLast()) }
        #expect(lines.count == 5)
        #expect(lines.first == "making meshes of photos/ in meshes/ (batch 42)")
        #expect(lines[1].hasPrefix("313 of 1,205 done, 24 running, 863 waiting, 5 failed, "))
        #expect(lines[2].hasPrefix("314 of 1,206 done"))
        #expect(lines[3] == "a log line")
        #expect(lines[4].hasPrefix("314 of 1,206 done"))
        #expect(!lines.contains { $0.contains("\u{1B}") })
    }

    @Test("speed is measured from one snapshot to the next")
    func speed() async {
        let device = RecordingDevice(columns: 120)
        let printer = printer(device)
        await printer.showing {
            var snapshot = RunSnapshot.busy
            snapshot.completedPerSecond = nil
            for _ in 0...60 {
                printer.update(snapshot)
                snapshot.elapsed += .seconds(1)
                snapshot.counts.completed += 1
            }
            printer.tick()
            #expect(device.screen.text.contains { $0.contains("3,600 meshes/h") })
        }
    }
}
