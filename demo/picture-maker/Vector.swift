import Foundation

/// A point, a direction or a colour.
typealias Vector = SIMD3<Float>

func dot(_ a: Vector, _ b: Vector) -> Float { (a * b).sum() }
func length(_ a: Vector) -> Float { dot(a, a).squareRoot() }
func length(_ x: Float, _ y: Float) -> Float { (x * x + y * y).squareRoot() }
func normalize(_ a: Vector) -> Vector { a / max(length(a), 1e-9) }
func cross(_ a: Vector, _ b: Vector) -> Vector {
    Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
func mix(_ a: Vector, _ b: Vector, _ t: Float) -> Vector { a + (b - a) * t }
func clamp(_ x: Float, _ low: Float = 0, _ high: Float = 1) -> Float { min(max(x, low), high) }
func smoothstep(_ low: Float, _ high: Float, _ x: Float) -> Float {
    let t = clamp((x - low) / (high - low))
    return t * t * (3 - 2 * t)
}

/// A colour written as in HTML, in linear light.
func hex(_ code: UInt32) -> Vector {
    let channel = { (shift: UInt32) in pow(Float(code >> shift & 255) / 255, 2.2) }
    return Vector(channel(16), channel(8), channel(0))
}

/// A number in 0..<1 that looks like chance and depends on the cell only.
func noise(_ x: Int, _ y: Int, _ salt: Int = 0) -> Float {
    var bits = UInt64(truncatingIfNeeded: x &* 73_856_093 ^ y &* 19_349_663 ^ salt &* 83_492_791)
    bits = (bits ^ (bits >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    bits = (bits ^ (bits >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return Float((bits >> 40) & 0xFFFF) / 65_536
}
