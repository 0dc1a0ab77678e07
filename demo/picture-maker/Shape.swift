import Foundation

/// A solid, as the distance of any point to its surface (negative inside).
struct Shape: Sendable {
    let distance: @Sendable (Vector) -> Float

    init(_ distance: @escaping @Sendable (Vector) -> Float) { self.distance = distance }

    // MARK: Solids

    static func ball(_ radius: Float) -> Shape { Shape { length($0) - radius } }

    static func ellipsoid(_ x: Float, _ y: Float, _ z: Float) -> Shape {
        let radii = Vector(x, y, z)
        return Shape { p in
            let k = length(p / radii)
            return k * (k - 1) / max(length(p / (radii * radii)), 1e-6)
        }
    }

    /// A box of the given half sizes; rounding is taken off its edges.
    static func box(_ x: Float, _ y: Float, _ z: Float, rounding r: Float = 0.02) -> Shape {
        let half = Vector(x - r, y - r, z - r)
        return Shape { p in
            let q = Vector(abs(p.x), abs(p.y), abs(p.z)) - half
            let outside = Vector(max(q.x, 0), max(q.y, 0), max(q.z, 0))
            return length(outside) + min(max(q.x, max(q.y, q.z)), 0) - r
        }
    }

    /// An upright cylinder about the origin.
    static func cylinder(_ radius: Float, _ halfHeight: Float, rounding r: Float = 0.02) -> Shape {
        Shape { p in
            let x = length(p.x, p.z) - radius + r
            let y = abs(p.y) - halfHeight + r
            return min(max(x, y), 0) + length(max(x, 0), max(y, 0)) - r
        }
    }

    /// A lying ring: the radius of its circle and of its tube.
    static func ring(_ radius: Float, _ tube: Float) -> Shape {
        Shape { p in length(length(p.x, p.z) - radius, p.y) - tube }
    }

    /// A rod with round ends that may taper.
    static func rod(_ a: Vector, _ b: Vector, _ radiusA: Float, _ radiusB: Float? = nil) -> Shape {
        let axis = b - a
        let square = dot(axis, axis)
        let taper = (radiusB ?? radiusA) - radiusA
        return Shape { p in
            let t = clamp(dot(p - a, axis) / square)
            return length(p - a - axis * t) - radiusA - taper * t
        }
    }

    /// An outline (radius, height) turned about the vertical axis; from the axis to the axis, anticlockwise.
    ///
    /// With curves, the corners are joined by a curve through them instead of straight lines.
    static func turned(_ outline: [(Float, Float)], rounding: Float = 0, curved: Bool = false) -> Shape {
        let corners = outline.map { SIMD2<Float>($0.0, $0.1) }
        let closed = curved ? curve(through: corners) : corners
        return Shape { p in polygonDistance(closed, SIMD2(length(p.x, p.z), p.y)) - rounding }
    }

    /// An outline in x and y, thickened along z by the half depth.
    static func cutOut(_ outline: [(Float, Float)], halfDepth: Float, rounding: Float = 0.01) -> Shape {
        let closed = outline.map { SIMD2<Float>($0.0, $0.1) }
        return Shape { p in
            let x = polygonDistance(closed, SIMD2(p.x, p.y))
            let y = abs(p.z) - halfDepth + rounding
            return min(max(x, y), 0) + length(max(x, 0), max(y, 0)) - rounding
        }
    }

    // MARK: Placing and combining

    func at(_ x: Float, _ y: Float, _ z: Float) -> Shape {
        let offset = Vector(x, y, z)
        return Shape { [distance] in distance($0 - offset) }
    }

    func turnedX(_ degrees: Float) -> Shape {
        rotated(degrees) { p, c, s in Vector(p.x, c * p.y + s * p.z, c * p.z - s * p.y) }
    }
    func turnedY(_ degrees: Float) -> Shape {
        rotated(degrees) { p, c, s in Vector(c * p.x - s * p.z, p.y, c * p.z + s * p.x) }
    }
    func turnedZ(_ degrees: Float) -> Shape {
        rotated(degrees) { p, c, s in Vector(c * p.x + s * p.y, c * p.y - s * p.x, p.z) }
    }

    private func rotated(_ degrees: Float, _ turn: @escaping @Sendable (Vector, Float, Float) -> Vector) -> Shape {
        let c = cos(degrees * .pi / 180)
        let s = sin(degrees * .pi / 180)
        return Shape { [distance] in distance(turn($0, c, s)) }
    }

    /// The shape and its mirror images to the left and right, or in all four quarters.
    func mirrored(z: Bool = false) -> Shape {
        Shape { [distance] p in distance(Vector(abs(p.x), p.y, z ? abs(p.z) : p.z)) }
    }

    func and(_ other: Shape, smooth k: Float = 0) -> Shape {
        Shape { [distance] p in
            let a = distance(p)
            let b = other.distance(p)
            if k == 0 { return min(a, b) }
            let h = max(k - abs(a - b), 0) / k
            return min(a, b) - h * h * k / 4
        }
    }

    func without(_ other: Shape) -> Shape { Shape { [distance] p in max(distance(p), -other.distance(p)) } }
    func within(_ other: Shape) -> Shape { Shape { [distance] p in max(distance(p), other.distance(p)) } }
    func grown(_ by: Float) -> Shape { Shape { [distance] p in distance(p) - by } }

    /// Only a shell of the given thickness remains.
    func hollow(_ thickness: Float) -> Shape { Shape { [distance] p in abs(distance(p)) - thickness } }

    /// Waves on the surface; keep them gentle, since distances become estimates.
    func waved(_ wave: @escaping @Sendable (Vector) -> Float) -> Shape {
        Shape { [distance] p in
            let d = distance(p)
            // Waves die out away from the surface, so that they cost nothing there.
            return (d > 0.3 ? d : d + wave(p) * min(1, 1 - d / 0.3)) * 0.75
        }
    }
}

/// Distance of a point to a closed polygon, negative inside.
private func polygonDistance(_ corners: [SIMD2<Float>], _ p: SIMD2<Float>) -> Float {
    var square = Float.infinity
    var sign: Float = 1
    var last = corners[corners.count - 1]
    for corner in corners {
        let edge = last - corner
        let way = p - corner
        let t = clamp((way * edge).sum() / max((edge * edge).sum(), 1e-12))
        let gap = way - edge * t
        square = min(square, (gap * gap).sum())
        let above = p.y >= corner.y
        let below = p.y < last.y
        let left = edge.x * way.y > edge.y * way.x
        if above == below && above == left { sign = -sign }
        last = corner
    }
    return sign * square.squareRoot()
}

/// A Catmull-Rom curve through corners, five lines to each stretch.
private func curve(through corners: [SIMD2<Float>]) -> [SIMD2<Float>] {
    var points: [SIMD2<Float>] = []
    for index in 0..<(corners.count - 1) {
        let before = corners[max(index - 1, 0)]
        let from = corners[index]
        let to = corners[index + 1]
        let after = corners[min(index + 2, corners.count - 1)]
        for step in 0..<5 {
            let t = Float(step) / 5
            let linear = (to - before) * t
            let square = (before * 2 - from * 5 + to * 4 - after) * (t * t)
            let cube = (from * 3 - before - to * 3 + after) * (t * t * t)
            let point = (from * 2 + linear + square + cube) * 0.5
            points.append(SIMD2(max(point.x, 0), point.y))
        }
    }
    return points + [corners[corners.count - 1]]
}
