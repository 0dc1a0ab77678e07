import AmaraAPI
import Foundation

/// The surface that a recipe describes: two superformulas spanned over a sphere, coloured in bands.
struct MeshShape {
    /// One corner of the mesh.
    struct Vertex {
        var position: SIMD3<Float>
        var normal: SIMD3<Float>
        var color: SIMD4<UInt8>
    }

    /// Bytes of one vertex in the GLB: two vectors of three floats and four bytes of colour.
    static let vertexBytes = 28
    /// Bytes that one vertex costs with its two triangles of four-byte indices.
    private static let bytesPerVertex = 52

    private let around: Superformula
    private let upward: Superformula
    private let hue: Double
    private let bands: Double
    /// Number of steps around; half as many go from pole to pole.
    let steps: Int

    init(_ recipe: MeshRecipe) {
        var random = SeededGenerator(seed: recipe.seed)
        around = Superformula(using: &random)
        upward = Superformula(using: &random)
        hue = Double.random(in: 0..<1, using: &random)
        bands = Double.random(in: 2...9, using: &random)
        let scale = recipe.mode == .fast ? 1 : recipe.mode == .standard ? 2 : 4
        let vertices = Double(min(max(recipe.bytes, 2_000), 64_000_000) * scale / Self.bytesPerVertex)
        steps = max(8, Int((2 * vertices).squareRoot()) / 2 * 2)
    }

    var rows: Int { steps / 2 }

    /// All vertices, row by row from the south pole; each row's last repeats its first, so that the seam closes.
    func vertices() -> [Vertex] {
        let angles = (0...steps).map { Double($0) / Double(steps) * 2 * .pi - .pi }
        let outlines = angles.map { around.radius(at: $0) }
        let turns = angles.map { (cos($0), sin($0)) }
        var positions: [SIMD3<Float>] = []
        positions.reserveCapacity((rows + 1) * (steps + 1))
        for row in 0...rows {
            let height = Double(row) / Double(rows) * .pi - .pi / 2
            let profile = upward.radius(at: height)
            let (reach, rise) = (profile * cos(height), profile * sin(height))
            for step in 0...steps {
                let radius = outlines[step] * reach
                positions.append(
                    SIMD3(Float(radius * turns[step].0), Float(rise), Float(radius * turns[step].1))
                )
            }
        }
        return positions.enumerated().map { index, position in
            Vertex(position: position, normal: normal(at: index, of: positions), color: color(at: index))
        }
    }

    /// Two triangles for each quadrilateral, counter-clockwise seen from outside.
    func indices() -> [UInt32] {
        var indices: [UInt32] = []
        indices.reserveCapacity(rows * steps * 6)
        for row in 0..<rows {
            for step in 0..<steps {
                let lower = UInt32(row * (steps + 1) + step)
                let upper = lower + UInt32(steps + 1)
                indices += [lower, upper, lower + 1, lower + 1, upper, upper + 1]
            }
        }
        return indices
    }

    /// The direction across both neighbouring edges; at the poles, where they vanish, straight up or down.
    private func normal(at index: Int, of positions: [SIMD3<Float>]) -> SIMD3<Float> {
        let (row, step) = (index / (steps + 1), index % (steps + 1))
        let west = positions[row * (steps + 1) + (step == 0 ? steps - 1 : step - 1)]
        let east = positions[row * (steps + 1) + (step == steps ? 1 : step + 1)]
        let south = positions[max(0, row - 1) * (steps + 1) + step]
        let north = positions[min(rows, row + 1) * (steps + 1) + step]
        let (across, up) = (east - west, north - south)
        let product = SIMD3(
            up.y * across.z - up.z * across.y,
            up.z * across.x - up.x * across.z,
            up.x * across.y - up.y * across.x
        )
        let length = (product * product).sum().squareRoot()
        return length > 1e-9 ? product / length : SIMD3(0, row * 2 < rows ? -1 : 1, 0)
    }

    private func color(at index: Int) -> SIMD4<UInt8> {
        let (row, step) = (index / (steps + 1), index % (steps + 1))
        let wave = sin(Double(row) / Double(rows) * bands * .pi) * cos(Double(step) / Double(steps) * 2 * .pi * 3)
        let rgb = Palette.color(hue: hue + 0.12 * wave, lightness: 0.62 + 0.25 * wave)
        return SIMD4(rgb.x, rgb.y, rgb.z, 255)
    }
}
