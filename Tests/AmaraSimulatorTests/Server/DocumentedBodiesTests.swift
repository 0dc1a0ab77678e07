import AmaraSimulator
import Foundation
import Testing

/// Every example body of the reference has exactly the fields that come over the wire, and of their types.
@Suite("Documented bodies over HTTP")
struct DocumentedBodiesTests {
    /// A key with a monthly limit, one lane, and generations of a minute.
    private func configuration(_ change: (inout ProviderConfiguration) -> Void = { _ in }) -> SimulatorConfiguration {
        var provider = ProviderConfiguration(keyCount: 1, monthlyLimits: [100], orgCredits: [100])
        provider.concurrency = 1
        provider.times = ProcessingTimes(all: .seconds(60) ... .seconds(60))
        change(&provider)
        return SimulatorConfiguration(provider: provider)
    }

    private func expect(_ page: Browser.Page, _ status: Int, has example: String) throws {
        #expect(page.status == status)
        #expect(page.type == "application/json")
        let expected = try #require(JSONSerialization.jsonObject(with: Data(example.utf8)) as? [String: Any])
        try expectSameShape(page.object, expected, "")
    }

    private func expectSameShape(_ value: Any, _ example: Any, _ path: String) throws {
        switch (value, example) {
        case (let value as [String: Any], let example as [String: Any]):
            #expect(value.keys.sorted() == example.keys.sorted(), "\(path)")
            for (name, field) in example {
                try expectSameShape(#require(value[name], "\(path).\(name)"), field, "\(path).\(name)")
            }
        case (let value as String, let example as String):
            #expect(!value.isEmpty, "\(path)")
            if path == ".code" || path == ".status" || path == ".message" { #expect(value == example, "\(path)") }
        case (let value as [String], let example as [String]): #expect(value == example, "\(path)")
        default: #expect(value is NSNumber && example is NSNumber, "\(path)")
        }
    }

    @Test("created, queued, processing and completed")
    func lifecycle() async throws {
        try await withSimulator(configuration()) { simulator in
            let browser = Browser(simulator)
            let key = simulator.configuration.provider.keys[0].secret
            let first = try await browser.post(["image": Samples.png], key: key)
            try expect(
                first,
                200,
                has: """
                    {"generation_id": "550e", "status": "processing",
                     "message": "Generation started. Poll the status endpoint for updates.", "credits_used": 1,
                     "credits_remaining": 99, "key_monthly_used": 45, "key_monthly_limit": 100}
                    """
            )
            let second = try await browser.post(["image": Samples.png, "seed": 7], key: key)
            let ids = try [first, second].map { try #require($0.object["generation_id"] as? String) }
            try expect(
                await browser.status(ids[1], key: key),
                200,
                has: #"{"generation_id": "550e", "status": "queued", "queue_position": 5, "total_in_queue": 8}"#
            )
            try expect(
                await browser.status(ids[0], key: key),
                200,
                has: """
                    {"generation_id": "550e", "status": "processing", "progress": 45,
                     "current_step": "Generating mesh", "queue_position": 1, "total_in_queue": 3}
                    """
            )
            simulator.skip(.seconds(60))
            let completed = try await browser.status(ids[0], key: key)
            try expect(
                completed,
                200,
                has: """
                    {"generation_id": "550e", "status": "completed", "glb_url": "https://", "thumbnail_url": "https://",
                     "asset_name": "generated_asset_001", "expires_in": 3600}
                    """
            )
            let download = try await browser.download(ids[0], key: key)
            #expect(download.type == "model/gltf-binary")
            #expect(
                download.disposition
                    == "attachment; filename=\"generated_asset_001.glb\""
            )
            let linked = try await browser.get(#require(completed.object["glb_url"] as? String))
            #expect(linked.body == download.body)
            let thumbnail = try await browser.get(#require(completed.object["thumbnail_url"] as? String))
            #expect(thumbnail.type == "image/png")
            #expect(try ImageHeader.read(thumbnail.body).width == 64)
        }
    }

    @Test("failed")
    func failed() async throws {
        let settings = configuration { $0.faults.generationFailureRate = 1 }
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let key = settings.provider.keys[0].secret
            let created = try await browser.post(["image": Samples.png], key: key)
            let id = try #require(created.object["generation_id"] as? String)
            simulator.skip(.seconds(60))
            try expect(
                await browser.status(id, key: key),
                200,
                has: """
                    {"generation_id": "550e", "status": "failed", "error": "Generation failed",
                     "credits_refunded": true}
                    """
            )
        }
    }

    @Test("400, 401, 402, 403, 429 and 503")
    func errors() async throws {
        let settings = configuration { provider in
            provider.limit = 2
            provider.keys.append(.simulated(2, seed: 1, org: "poor"))
            provider.keys.append(.simulated(3, seed: 1, org: "org-1"))
            provider.keys[2].hasMeshgenScope = false
            provider.orgs.append(OrgConfiguration(name: "poor", credits: 0))
        }
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let keys = settings.provider.keys.map(\.secret)
            let wide = Samples.png(width: 2_000, height: 10).base64EncodedString()
            try expect(
                await browser.post(["image": wide], key: keys[0]),
                400,
                has: """
                    {"error": "Image too large: 5.2MB. Maximum size: 3MB.", "code": "IMAGE_VALIDATION_ERROR",
                     "limits": {"max_size_mb": 3, "supported_formats": ["PNG", "JPEG", "WebP"]}}
                    """
            )
            var faults = FaultSettings()
            faults.backendTimeoutRate = 1
            simulator.setFaults(faults)
            try expect(
                await browser.post(["image": Samples.png], key: keys[0]),
                503,
                has: #"{"error": "timed out", "code": "BACKEND_TIMEOUT", "credits_refunded": true}"#
            )
            simulator.setFaults(FaultSettings())
            try expect(
                await browser.post(["image": Samples.png], key: keys[0]),
                429,
                has: """
                    {"error": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED",
                     "rate_limit": {"limit": 5, "used": 5, "remaining": 0, "retry_after_seconds": 847}}
                    """
            )
            try expect(
                await browser.post(["image": Samples.png], key: keys[1]),
                402,
                has: """
                    {"error": "Insufficient credits", "code": "BILLING_ERROR", "credits_required": 1,
                     "credits_remaining": 0}
                    """
            )
            try expect(await browser.post(["image": Samples.png], key: keys[2]), 403, has: #"{"error": "scope"}"#)
            try expect(await browser.post(["image": Samples.png], key: "nobody"), 401, has: #"{"error": "key"}"#)
            try expect(await browser.status("nothing", key: keys[0]), 404, has: #"{"error": "not found"}"#)
            try expect(await browser.get(browser.base, key: keys[0]), 400, has: #"{"error": "id"}"#)
        }
    }
}
