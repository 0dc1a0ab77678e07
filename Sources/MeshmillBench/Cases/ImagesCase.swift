import Foundation
import Media
import MeshmillSubmission

/// Photos prepared a second, beside `vipsthumbnail` on the same files with as many threads.
struct ImagesCase: Sendable {
    let bench: Workbench

    private var pictures: Int { bench.settings.jobs ?? bench.settings.scale.pick(full: 96, quick: 24, tiny: 2) }
    private var width: Int { bench.settings.scale.pick(full: 4_000, quick: 4_000, tiny: 1_600) }
    private var threads: Int { bench.settings.workers ?? ProcessInfo.processInfo.activeProcessorCount }

    func run() async throws -> BenchReport {
        guard let vips = Program.find("vips"), let thumbnail = Program.find("vipsthumbnail") else {
            throw BenchError("vips and vipsthumbnail are not installed; on Debian: apt-get install libvips-tools")
        }
        bench.say("making \(pictures) photos")
        let files = try await makePhotos(vips)
        // Each is run twice, in turn, and the better one counts: the first reads the files from disk.
        var (own, theirs) = (0.0, 0.0)
        for _ in 0..<2 {
            bench.say("vipsthumbnail")
            theirs = max(theirs, try await thumbnails(thumbnail, files))
            bench.say("meshmill")
            own = max(own, try await prepare(files))
        }
        return BenchReport(
            name: BenchCase.images.rawValue,
            summary:
                "Photos of 12 megapixels read, checked, scaled to 1,024 pixels, encoded and written, by as many threads. "
                + "Ours refuses a truncated file, which vipsthumbnail does not.",
            settings: BenchRow(
                ("photos", .whole(pictures)),
                ("pixels wide", .whole(width)),
                ("threads", .whole(threads))
            ),
            results: [BenchRow(("photos/s", .number(own)))],
            baseline: [BenchRow(("program", .text("vipsthumbnail")), ("photos/s", .number(theirs)))],
            bars: [BenchBar("images ÷ vipsthumbnail", own / theirs, .atLeast, must: 0.9)]
        )
    }

    /// A few different photos, copied: smooth colours with some noise, as cameras make them.
    private func makePhotos(_ vips: String) async throws -> [String] {
        var files: [String] = []
        let different = min(4, pictures)
        for number in 0..<different {
            func path(_ name: String) -> String { bench.folder + "/photo-\(number)-\(name)" }
            var bands: [String] = []
            for band in 0..<3 {
                let (small, large, plain) = (path("\(band).v"), path("\(band)-large.v"), path("\(band)-plain.v"))
                let (w, h) = (width / 16, width * 3 / 64)
                let noise = ["--mean", "128", "--sigma", "60", "--seed", "\(number * 3 + band)"]
                try await ChildProcess.run(vips, ["gaussnoise", small, "\(w)", "\(h)"] + noise, in: bench)
                try await ChildProcess.run(vips, ["resize", small, large, "16"], in: bench)
                try await ChildProcess.run(vips, ["cast", large, plain, "uchar"], in: bench)
                bands.append(plain)
            }
            let file = path("0.jpg")
            try await ChildProcess.run(vips, ["bandjoin", bands.joined(separator: " "), file + "[Q=92]"], in: bench)
            files.append(file)
            for name in ["0.v", "1.v", "2.v"] { try? FileManager.default.removeItem(atPath: path(name)) }
        }
        for number in different..<max(different, pictures) {
            let copy = bench.folder + "/photo-copy-\(number).jpg"
            try FileManager.default.copyItem(atPath: files[number % different], toPath: copy)
            files.append(copy)
        }
        return files
    }

    private func prepare(_ files: [String]) async throws -> Double {
        let preparer = ImagePreparer(threads: threads)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Files are read and written while all threads have a picture to work on.
            let shares = SubmissionRun.pieces(threads: threads)
            for share in 0..<shares {
                group.addTask {
                    for index in stride(from: share, to: files.count, by: shares) {
                        let bytes = try Data(contentsOf: URL(filePath: files[index]))
                        let prepared = try await preparer.prepare(Array(bytes))
                        try Data(prepared.bytes).write(to: URL(filePath: files[index] + ".prepared"))
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(files.count) / start.duration(to: .now).inSeconds
    }

    private func thumbnails(_ program: String, _ files: [String]) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for share in 0..<min(threads, files.count) {
                let mine = stride(from: share, to: files.count, by: threads).map { files[$0] }
                group.addTask {
                    try await ChildProcess.run(
                        program,
                        ["-s", "1024", "-o", bench.folder + "/thumbnail-%s.jpg[Q=90,strip]"] + mine,
                        environment: ["VIPS_CONCURRENCY": "1"],
                        in: bench
                    )
                }
            }
            try await group.waitForAll()
        }
        return Double(files.count) / start.duration(to: .now).inSeconds
    }
}
