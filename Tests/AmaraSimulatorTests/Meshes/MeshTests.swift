import AmaraAPI
import AmaraSimulator
import Foundation
import Testing

@Suite("Meshes")
struct MeshTests {
    private func recipe(_ request: GenerationRequest = Samples.request(), bytes: Int = 40_000) -> MeshRecipe {
        MeshRecipe(fingerprint: request.fingerprint, mode: request.mode, bytes: bytes)
    }

    private func number(_ file: Data, at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
    }

    @Test("a GLB is a whole binary glTF 2.0", arguments: [2_000, 40_000, 200_000])
    func container(bytes: Int) throws {
        let file = recipe(bytes: bytes).glb()
        #expect(file.prefix(4) == Data("glTF".utf8))
        #expect(number(file, at: 4) == 2)
        #expect(number(file, at: 8) == file.count)
        let jsonLength = number(file, at: 12)
        #expect(jsonLength.isMultiple(of: 4))
        #expect(file[16..<20] == Data("JSON".utf8))
        let binary = 20 + jsonLength
        #expect(file[(binary + 4)..<(binary + 8)] == Data("BIN\0".utf8))
        let binaryLength = number(file, at: binary)
        #expect(binary + 8 + binaryLength == file.count)
        #expect((bytes / 2...bytes * 2).contains(file.count))

        let json = try JSONSerialization.jsonObject(with: file[20..<binary])
        let gltf = try #require(json as? [String: Any])
        #expect((gltf["asset"] as? [String: Any])?["version"] as? String == "2.0")
        let views = try #require(gltf["bufferViews"] as? [[String: Any]])
        let end = views.compactMap { view in
            (view["byteOffset"] as? Int).flatMap { offset in (view["byteLength"] as? Int).map { offset + $0 } }
        }
        #expect(end.max() == binaryLength)
    }

    @Test("indices stay within the vertices, positions within the stated box, normals have length 1")
    func geometry() throws {
        let file = recipe(bytes: 8_000).glb()
        let binary = 28 + number(file, at: 12)
        let json = try JSONSerialization.jsonObject(with: file[20..<(20 + number(file, at: 12))])
        let accessors = try #require((json as? [String: Any])?["accessors"] as? [[String: Any]])
        let vertices = try #require(accessors[0]["count"] as? Int)
        let indexCount = try #require(accessors[3]["count"] as? Int)
        let least = try #require(accessors[0]["min"] as? [Double]).map(Float.init)
        let most = try #require(accessors[0]["max"] as? [Double]).map(Float.init)
        for index in 0..<indexCount {
            let vertex = number(file, at: binary + vertices * 28 + index * 4)
            #expect(vertex < vertices)
        }
        func float(_ offset: Int) -> Float {
            Float(bitPattern: UInt32(number(file, at: binary + offset)))
        }
        for vertex in 0..<vertices {
            let position = (0..<3).map { float(vertex * 12 + $0 * 4) }
            for axis in 0..<3 { #expect((least[axis]...most[axis]).contains(position[axis])) }
            let normal = (0..<3).map { float(vertices * 12 + vertex * 12 + $0 * 4) }
            let length = normal.map { $0 * $0 }.reduce(0, +).squareRoot()
            #expect(abs(length - 1) < 1e-4)
        }
    }

    @Test("most faces look outwards")
    func orientation() throws {
        let file = recipe(bytes: 8_000).glb()
        let binary = 28 + number(file, at: 12)
        let json = try JSONSerialization.jsonObject(with: file[20..<(20 + number(file, at: 12))])
        let accessors = try #require((json as? [String: Any])?["accessors"] as? [[String: Any]])
        let vertices = try #require(accessors[0]["count"] as? Int)
        func vector(_ offset: Int) -> SIMD3<Float> {
            SIMD3((0..<3).map { Float(bitPattern: UInt32(number(file, at: binary + offset + $0 * 4))) })
        }
        let outward = (0..<vertices).count { (vector($0 * 12) * vector(vertices * 12 + $0 * 12)).sum() > 0 }
        #expect(outward > vertices * 3 / 4)
        let indexCount = try #require(accessors[3]["count"] as? Int)
        var agreeing = 0
        for triangle in stride(from: 0, to: indexCount, by: 3) {
            let corners = (0..<3).map { number(file, at: binary + vertices * 28 + (triangle + $0) * 4) }
            let points = corners.map { vector($0 * 12) }
            let (a, b) = (points[1] - points[0], points[2] - points[0])
            let face = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
            if (face * vector(vertices * 12 + corners[0] * 12)).sum() >= 0 { agreeing += 1 }
        }
        #expect(agreeing > indexCount / 3 * 9 / 10)
    }

    @Test("the same request gives the same bytes, any other request gives others")
    func determinism() {
        var other = Samples.request()
        other.seed = 43
        #expect(recipe().glb() == recipe().glb())
        #expect(recipe().glb() != recipe(other).glb())
        #expect(recipe().glb() != recipe(Samples.request(1)).glb())
        #expect(recipe().thumbnail() != recipe(Samples.request(1)).thumbnail())
    }

    @Test("slower modes give larger meshes")
    func modes() {
        let sizes = GenerationMode.allCases.map { mode in
            MeshRecipe(fingerprint: Samples.request().fingerprint, mode: mode, bytes: 20_000).glb().count
        }
        #expect(sizes == sizes.sorted())
        #expect(Set(sizes).count == 3)
    }

    @Test("a thumbnail is a PNG that our own reader takes")
    func thumbnail() throws {
        let header = try ImageHeader.read(recipe().thumbnail())
        #expect(header.format == .png)
        #expect((header.width, header.height) == (64, 64))
    }
}
