import AmaraAPI
import AmaraSimulator
import Testing

@Suite("A generation's life")
struct LifecycleTests {
    /// Two lanes of a minute each.
    private func bench(_ change: (inout ProviderConfiguration) -> Void = { _ in }) -> Bench {
        var settings = ProviderConfiguration(keyCount: 2, limit: 100)
        settings.times = ProcessingTimes(all: .seconds(60) ... .seconds(60))
        settings.concurrency = 2
        change(&settings)
        return Bench(settings)
    }

    @Test("generations wait in order of arrival, and positions count from 2 while 1 is worked on")
    func queue() throws {
        var bench = bench()
        let ids = try (0..<5).map { try bench.start($0) }
        let waiting = bench.status(ids[3], at: 1)
        #expect(waiting.fields == ["generation_id", "status", "queue_position", "total_in_queue"])
        #expect(waiting[field: "status"] == "queued")
        #expect(ids.map { bench.status($0, at: 1)[field: "queue_position"] } == [1, 1, 2, 3, 4])
        #expect(bench.status(ids[4], at: 1)[field: "total_in_queue"] == 5)
        #expect(ids[2...].map { bench.status($0, at: 60)[field: "queue_position"] } == [1, 1, 2])
        #expect(bench.status(ids[4], at: 60)[field: "total_in_queue"] == 3)
        #expect(ids.map { bench.status($0, at: 180)[field: "status"] } == Array(repeating: "completed", count: 5))
    }

    @Test("progress grows from 0 to 99 and then the generation is completed")
    func progress() throws {
        var bench = bench()
        let id = try bench.start()
        let first = bench.status(id, at: 0)
        #expect(
            first.fields
                == ["generation_id", "status", "progress", "current_step", "queue_position", "total_in_queue"]
        )
        let steps = [0, 27, 45, 59.999].map { bench.status(id, at: $0) }
        #expect(steps.map { $0[field: "progress"] } == [0, 45, 75, 99])
        #expect(steps[1][field: "current_step"] == "Generating mesh")
        let done = bench.status(id, at: 60)
        #expect(done[field: "status"] == "completed")
        #expect(
            done.fields
                == ["generation_id", "status", "glb_url", "thumbnail_url", "asset_name", "expires_in"]
        )
        #expect(done[field: "asset_name"] == "generated_asset_001")
    }

    @Test("modes take the times that the reference names")
    func modeTimes() {
        let times = ProcessingTimes()
        #expect(times[.fast] == .seconds(30) ... .seconds(120))
        #expect(times[.standard] == .seconds(120) ... .seconds(240))
        #expect(times[.detailed] == .seconds(240) ... .seconds(480))
    }

    @Test("files go at their expiry: the status counts down, then the download is gone")
    func expiry() throws {
        var bench = bench()
        let id = try bench.start()
        #expect(bench.download(id, at: 59).status == 400)
        #expect(bench.status(id, at: 60)[field: "expires_in"] == 3_600)
        #expect(bench.status(id, at: 61.5)[field: "expires_in"] == 3_598)
        #expect(bench.download(id, at: 3_659.999).status == 200)
        #expect(bench.download(id, at: 3_660).status == 404)
        #expect(bench.status(id, at: 4_000)[field: "expires_in"] == 0)
    }

    @Test("a signed address serves without a token until it expires, and only as signed")
    func signedAddresses() throws {
        var bench = bench()
        let id = try bench.start()
        guard case .string(let url) = bench.status(id, at: 60)[field: "glb_url"] else {
            Issue.record("no address")
            return
        }
        let signature = try #require(url.split(separator: "=").last.map(String.init))
        func open(
            _ signature: String,
            _ kind: RequestKind = .mesh,
            expires: Int64 = 3_660_000_000,
            at seconds: Double
        )
            -> Int?
        {
            bench.provider.file(kind, id: id, expires: expires, signature: signature, at: .seconds(seconds)).status
        }
        #expect(url.hasPrefix("http://sim/files/\(id)/generated_asset_001.glb?expires_us=3660000000&"))
        #expect(open(signature, at: 61) == 200)
        #expect(open(signature, .thumbnail, at: 61) == 403)
        #expect(open(signature, expires: 9_000_000_000, at: 61) == 403)
        #expect(open("", at: 61) == 403)
        #expect(open("zz", at: 61) == 403)
        #expect(open(signature, at: 3_660) == 410)
    }

    @Test("somebody else's generation looks like none at all", arguments: [false, true])
    func visibility(shared: Bool) throws {
        var bench = bench { $0.sharesGenerationsInOrg = shared }
        let id = try bench.start(key: 0)
        #expect(bench.status(id, key: 1, at: 1).status == (shared ? 200 : 404))
        #expect(bench.download(id, key: 1, at: 60).status == (shared ? 200 : 404))
        let unknown = bench.status("550e8400-e29b-41d4-a716-446655440000", at: 1)
        #expect(unknown.status == 404)
        #expect(unknown.fields == ["error"])
        #expect(bench.status("", at: 1).status == 400)
        #expect(bench.provider.status(secret: nil, id: id, origin: "", at: .zero).status == 401)
    }

    @Test("a failed or endless generation has no file")
    func noFile() throws {
        var bench = bench()
        bench.provider.faults.generationFailureRate = 1
        let failed = try bench.start(0)
        bench.provider.faults.generationFailureRate = 0
        bench.provider.faults.endlessGenerationRate = 1
        let endless = try bench.start(1)
        #expect(bench.download(failed, at: 100).status == 400)
        #expect(bench.status(endless, at: 1e6)[field: "progress"] == 99)
        #expect(bench.download(endless, at: 1e6).status == 400)
    }

    @Test("ids are the same for the same seed, whatever faults are on")
    func repeatable() throws {
        func ids(_ failures: Double) throws -> [String] {
            var bench = bench()
            bench.provider.faults.generationFailureRate = failures
            return try (0..<5).map { try bench.start($0) }
        }
        #expect(try ids(0) == ids(0.5))
        let id = try ids(0)[0]
        #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }

    @Test("the oldest generation is forgotten when the table is full, and the others are not")
    func forgets() throws {
        var bench = bench { $0.maximumGenerations = 3 }
        let ids = try (0..<20).map { try bench.start($0) }
        #expect(ids.map { bench.status($0, at: 1).status } == Array(repeating: 404, count: 17) + [200, 200, 200])
        #expect(bench.status(ids[19], at: 1)[field: "queue_position"] == 19)
    }

    @Test("positions stay right among thousands of generations", arguments: [UInt64(1), 2, 3])
    func manyGenerations(seed: UInt64) throws {
        var settings = ProviderConfiguration(keyCount: 1, limit: 10_000, seed: seed)
        settings.times = ProcessingTimes(all: .seconds(1) ... .seconds(9))
        settings.concurrency = 7
        var bench = Bench(settings)
        var accepted: [RequestRecord] = []
        for number in 0..<2_000 { accepted.append(bench.post(number, at: Double(number) / 2).record) }
        let now = 1_000.0
        var waiting = 0
        for record in accepted {
            let id = try #require(record.generationID)
            let status = bench.status(id, at: now)
            guard status[field: "status"] == "queued" else {
                #expect(waiting == 0, "seed \(seed): nobody overtakes")
                continue
            }
            waiting += 1
            #expect(status[field: "queue_position"] == .integer(Int64(waiting + 1)), "seed \(seed)")
        }
        #expect(waiting > 100)
        let unfinished = accepted.count { ($0.endsMicroseconds ?? 0) > 1_000_000_000 }
        #expect(bench.provider.state(at: .seconds(now)).unfinishedGenerations == unfinished)
    }
}
