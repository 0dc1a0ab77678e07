import AmaraAPI
import AmaraSimulator
import Foundation
import Testing

@Suite("Bodies of POSTs")
struct RequestBodyTests {
    private func read(_ fields: [String: Any]) throws -> GenerationRequest {
        try RequestBody.read(JSONSerialization.data(withJSONObject: fields))
    }

    private func problem(_ fields: [String: Any]) throws -> RequestProblem? {
        let body = try JSONSerialization.data(withJSONObject: fields)
        do throws(RequestProblem) {
            _ = try RequestBody.read(body)
            return nil
        } catch {
            return error
        }
    }

    @Test("an image alone takes the documented defaults")
    func defaults() throws {
        let request = try read(["image": Samples.png])
        #expect(request.mode == .fast)
        #expect(request.seed == 42)
        #expect(request.decimationTarget == 300_000)
        #expect(request.textureSize == 2_048)
        #expect(request.prompt.isEmpty)
        #expect(request.imageSHA256.count == 64)
    }

    @Test("a data URL is the same image, and unknown fields are ignored")
    func dataURL() throws {
        let raw = try read(["image": Samples.png])
        #expect(try read(["image": "data:image/png;base64,\(Samples.png)", "colour": "blue"]) == raw)
    }

    @Test("every parameter changes the fingerprint, and nothing else does")
    func fingerprints() throws {
        let variants: [[String: Any]] = [
            [:], ["mode": "standard"], ["mode": "detailed"], ["prompt": "a red cube"], ["seed": 43], ["seed": -1],
            ["decimation_target": 100_000], ["texture_size": 4_096],
        ]
        let prints = try variants.map { variant in
            try read(variant.merging(["image": Samples.png]) { one, _ in one }).fingerprint
        }
        #expect(Set(prints).count == variants.count)
        #expect(try read(["image": Samples.png, "seed": 42, "mode": "fast"]).fingerprint == prints[0])
    }

    @Test("limits are inclusive", arguments: [100_000, 500_000])
    func inclusive(target: Int) throws {
        #expect(try read(["image": Samples.png, "decimation_target": target]).decimationTarget == target)
        #expect(try read(["image": Samples.png, "texture_size": target == 100_000 ? 1_024 : 4_096]).mode == .fast)
    }

    @Test("a wrong parameter is a problem of the body that names the field")
    func parameters() throws {
        let wrong: [(String, Any)] = [
            ("decimation_target", 99_999), ("decimation_target", 500_001), ("decimation_target", "many"),
            ("texture_size", 1_023), ("texture_size", 4_097), ("texture_size", 2_048.5), ("mode", "slow"),
            ("mode", 1), ("seed", "lucky"), ("prompt", 7),
        ]
        for (field, value) in wrong {
            guard case .body(let message) = try problem(["image": Samples.png, field: value]) else {
                Issue.record("\(field) \(value) passed")
                continue
            }
            #expect(message.contains(field), "\(message)")
        }
    }

    @Test("a body that is no JSON object is refused", arguments: ["", "{", "[]", "null", "image=x", "{\"image\":1}"])
    func noObject(text: String) {
        #expect(throws: RequestProblem.self) { try RequestBody.read(Data(text.utf8)) }
    }

    @Test("a missing or empty image is a problem of the body")
    func missingImage() throws {
        #expect(try problem([:]) == .body("Missing required field: image"))
        #expect(try problem(["image": ""]) == .body("Missing required field: image"))
        #expect(try problem(["image": NSNull()]) == .body("Missing required field: image"))
    }

    @Test("exactly 3,000,000 base64 characters are taken, with or without a data URL's head")
    func longestImage() throws {
        var data = Samples.png(width: 8, height: 8)
        data.insert(contentsOf: filler(2_250_000 - data.count), at: 33)
        #expect(try read(["image": data.base64EncodedString()]).imageSHA256.count == 64)
        #expect(try read(["image": "data:image/png;base64," + data.base64EncodedString()]).seed == 42)
        data.append(0)
        #expect(
            try problem(["image": data.base64EncodedString()])
                == .image("Image too large: 3.1MB. Maximum size: 3MB.")
        )
    }

    /// A chunk that a PNG reader skips, `length` bytes in all.
    private func filler(_ length: Int) -> Data {
        Samples.bigEndian(length - 12, 4) + Data("teXt".utf8) + Data(count: length - 8)
    }

    @Test("text that is not base64 is a problem of the image", arguments: ["!!!!", "data:image/png,abc", "QUJD\nQUJD"])
    func notBase64(text: String) throws {
        guard case .image = try problem(["image": text]) else {
            Issue.record("passed")
            return
        }
    }

    @Test("images of more than 1,024 pixels a side are refused by their dimensions")
    func dimensions() throws {
        func check(_ width: Int, _ height: Int) throws -> RequestProblem? {
            try problem(["image": Samples.png(width: width, height: height).base64EncodedString()])
        }
        #expect(try check(1_024, 1_024) == nil)
        #expect(try check(1_025, 10) == .image("Image too large: 1025x10. Maximum dimension: 1024px."))
        #expect(try check(10, 1_025) != nil)
        #expect(try check(0, 10) != nil)
    }
}
