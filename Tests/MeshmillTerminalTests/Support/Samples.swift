import MeshmillCore
import MeshmillTerminal

extension RunSnapshot {
    /// In the middle of 1,204 images, with every slot taken.
    static var busy: RunSnapshot {
        var snapshot = RunSnapshot(source: "photos/", out: "meshes/")
        snapshot.batchID = 42
        snapshot.found = 1_204
        snapshot.prepared = 1_204
        snapshot.counts.completed = 312
        snapshot.counts.generating = 23
        snapshot.counts.downloading = 1
        snapshot.counts.queued = 863
        snapshot.counts.failed = 5
        snapshot.active = [
            ActiveGeneration(source: "chair-red.png", state: .generating, percent: 54, step: "texturing"),
            ActiveGeneration(source: "台灯/ランプ.jpg", state: .generating, percent: 12.6, step: "geometry"),
            ActiveGeneration(source: "🪑 stool.webp", state: .generating, queuePosition: 3),
        ]
        snapshot.credits = CreditUse(used: 317, reserved: 24, maximum: 2_000)
        snapshot.keys = KeyOutlook(total: 14, usable: 12, disabled: 2)
        snapshot.slots = SlotOutlook(nextIn: .seconds(192), perSecond: 60 / 900.0)
        snapshot.elapsed = .seconds(3_792)
        snapshot.typicalGeneration = .seconds(150)
        snapshot.completedPerSecond = 0.0625
        return snapshot
    }
}

extension LocalTime {
    static let noon = LocalTime(secondOfDay: 43_200)
}

extension TerminalStyle {
    static let plain = TerminalStyle(hasColour: false, hasSymbols: true)
    static let ascii = TerminalStyle(hasColour: false, hasSymbols: false)
    static let full = TerminalStyle(hasColour: true, hasSymbols: true)
}
