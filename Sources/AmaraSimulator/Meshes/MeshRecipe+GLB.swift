package import Foundation

extension MeshRecipe {
    /// What the mesh is drawn from: the first 64 bits of the fingerprint.
    var seed: UInt64 {
        UInt64(fingerprint.prefix(16), radix: 16) ?? 0
    }

    /// The mesh as binary glTF 2.0: one node with positions, normals and vertex colours.
    ///
    /// Source: Khronos, "glTF 2.0 Specification", section 4.4, "GLB File Format Specification".
    package func glb() -> Data {
        let shape = MeshShape(self)
        let vertices = shape.vertices()
        let indices = shape.indices()
        var binary = Data(capacity: vertices.count * MeshShape.vertexBytes + indices.count * 4)
        for vertex in vertices { binary.append(vector: vertex.position) }
        for vertex in vertices { binary.append(vector: vertex.normal) }
        for vertex in vertices { for channel in vertex.color.indices { binary.append(vertex.color[channel]) } }
        for index in indices { binary.append(littleEndian: index) }
        return GLBFile(json: description(vertices, indexCount: indices.count), binary: binary).data
    }

    /// The JSON chunk.
    ///
    /// Component types: 5121 unsigned byte, 5125 unsigned int, 5126 float.
    private func description(_ vertices: [MeshShape.Vertex], indexCount: Int) -> JSONValue {
        let count = Int64(vertices.count)
        let least = vertices.reduce(SIMD3<Float>(repeating: .infinity)) { pointwiseMin($0, $1.position) }
        let most = vertices.reduce(SIMD3<Float>(repeating: -.infinity)) { pointwiseMax($0, $1.position) }
        func view(_ offset: Int64, _ length: Int64, _ target: Int64) -> JSONValue {
            [
                "buffer": 0, "byteOffset": .integer(offset), "byteLength": .integer(length),
                "target": .integer(target),
            ]
        }
        let total = count * 28 + Int64(indexCount) * 4
        return [
            "asset": ["version": "2.0", "generator": "Amara simulator"],
            "scene": 0,
            "scenes": [["nodes": [0]]],
            "nodes": [["mesh": 0, "name": .string("mesh of \(fingerprint.prefix(12))")]],
            "materials": [["pbrMetallicRoughness": ["metallicFactor": 0, "roughnessFactor": 1], "doubleSided": true]],
            "meshes": [
                [
                    "primitives": [
                        ["attributes": ["POSITION": 0, "NORMAL": 1, "COLOR_0": 2], "indices": 3, "material": 0]
                    ]
                ]
            ],
            "accessors": [
                [
                    "bufferView": 0, "componentType": 5126, "count": .integer(count), "type": "VEC3",
                    "min": .vector(least), "max": .vector(most),
                ],
                ["bufferView": 1, "componentType": 5126, "count": .integer(count), "type": "VEC3"],
                [
                    "bufferView": 2, "componentType": 5121, "normalized": true, "count": .integer(count),
                    "type": "VEC4",
                ],
                ["bufferView": 3, "componentType": 5125, "count": .integer(Int64(indexCount)), "type": "SCALAR"],
            ],
            "bufferViews": [
                view(0, count * 12, 34_962), view(count * 12, count * 12, 34_962),
                view(count * 24, count * 4, 34_962), view(count * 28, Int64(indexCount) * 4, 34_963),
            ],
            "buffers": [["byteLength": .integer(total)]],
        ]
    }
}

extension JSONValue {
    /// Three numbers, exact to the last bit of a float.
    fileprivate static func vector(_ vector: SIMD3<Float>) -> JSONValue {
        .array(vector.indices.map { .number(Double(vector[$0])) })
    }
}

extension Data {
    fileprivate mutating func append(vector: SIMD3<Float>) {
        for index in vector.indices { append(littleEndian: vector[index].bitPattern) }
    }
}
