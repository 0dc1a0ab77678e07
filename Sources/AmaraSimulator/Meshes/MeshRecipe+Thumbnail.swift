package import Foundation

extension MeshRecipe {
    /// Side of a thumbnail in pixels.
    package static let thumbnailSide = 64

    /// A small picture of the mesh as PNG: its outline from above, shaded from the upper left.
    package func thumbnail() -> Data {
        var random = SeededGenerator(seed: seed)
        let outline = Superformula(using: &random)
        _ = Superformula(using: &random)  // the profile, which is not seen from above
        let hue = Double.random(in: 0..<1, using: &random)
        let side = Self.thumbnailSide
        var pixels: [UInt8] = []
        pixels.reserveCapacity(side * side * 3)
        for row in 0..<side {
            for column in 0..<side {
                let x = (Double(column) + 0.5) / Double(side) * 3.2 - 1.6
                let y = (Double(row) + 0.5) / Double(side) * 3.2 - 1.6
                let depth = 1 - (x * x + y * y).squareRoot() / outline.radius(at: atan2(y, x))
                let light = 0.45 + 0.4 * depth - 0.08 * (x + y)
                let color = depth > 0 ? Palette.color(hue: hue, lightness: light) : SIMD3(repeating: 245)
                pixels += [color.x, color.y, color.z]
            }
        }
        return PNGFile(width: side, height: side, pixels: pixels).data
    }
}
