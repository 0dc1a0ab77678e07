import Foundation

/// A closed curve with one parameter whose shape ranges from circles to stars.
///
/// Source: Gielis, "A generic geometric transformation that unifies a wide range of natural and abstract shapes",
/// American Journal of Botany 90(3), 2003, with both radii at 1.
struct Superformula {
    /// Number of lobes.
    var lobes: Double
    /// How sharp the whole is: small is pointed, large is round.
    var sharpness: Double
    /// How the two trigonometric terms bulge.
    var cosineBulge: Double
    var sineBulge: Double

    /// Draws a shape that neither collapses nor bursts.
    init(using random: inout SeededGenerator) {
        lobes = Double(Int.random(in: 2...8, using: &random))
        sharpness = Double.random(in: 0.4...1.5, using: &random)
        cosineBulge = Double.random(in: 0.8...4, using: &random)
        sineBulge = Double.random(in: 0.8...4, using: &random)
    }

    /// The radius at an angle in radians, between 0.3 and 1.5.
    func radius(at angle: Double) -> Double {
        let turned = lobes * angle / 4
        let sum = pow(abs(cos(turned)), cosineBulge) + pow(abs(sin(turned)), sineBulge)
        return min(1.5, max(0.3, pow(sum, -1 / sharpness)))
    }
}
