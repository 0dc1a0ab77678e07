/// A part of a thing: a solid, its colour at each point, and how it shines.
struct Part: Sendable {
    let shape: Shape
    let colour: @Sendable (Vector) -> Vector
    /// 0 for chalk, 1 for glaze.
    let gloss: Float
    /// Metal tints what it reflects.
    let isMetal: Bool
    /// Light of its own, as a share of its colour.
    let glow: Float
}

/// What a picture shows: parts that stand on the ground at height 0, about 2 units tall, within 1.3 of the axis.
struct Thing: Sendable {
    var parts: [Part] = []

    init(_ build: (inout Thing) -> Void) { build(&self) }

    mutating func add(_ shape: Shape, _ colour: Vector, gloss: Float = 0.35, isMetal: Bool = false, glow: Float = 0) {
        parts.append(Part(shape: shape, colour: { _ in colour }, gloss: gloss, isMetal: isMetal, glow: glow))
    }

    mutating func add(_ shape: Shape, gloss: Float = 0.35, painted colour: @escaping @Sendable (Vector) -> Vector) {
        parts.append(Part(shape: shape, colour: colour, gloss: gloss, isMetal: false, glow: 0))
    }

    /// Distance to the nearest part.
    func distance(_ p: Vector) -> Float {
        var least = Float.infinity
        for part in parts { least = min(least, part.shape.distance(p)) }
        return least
    }

    /// The part whose surface is nearest.
    func part(at p: Vector) -> Part {
        var least = Float.infinity
        var nearest = parts[0]
        for part in parts {
            let distance = part.shape.distance(p)
            if distance < least {
                least = distance
                nearest = part
            }
        }
        return nearest
    }
}
