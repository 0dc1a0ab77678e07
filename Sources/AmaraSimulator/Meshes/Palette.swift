import Foundation

/// Soft colours around the wheel.
enum Palette {
    /// A colour from three cosines a third of a turn apart.
    ///
    /// `hue` is the position on the wheel, where whole numbers are the same place; `lightness` lies between 0 and 1.
    static func color(hue: Double, lightness: Double) -> SIMD3<UInt8> {
        func channel(_ shift: Double) -> UInt8 {
            let value = lightness * (0.65 + 0.35 * cos(2 * .pi * (hue + shift)))
            return UInt8(min(1, max(0, value)) * 255)
        }
        return SIMD3(channel(0), channel(1 / 3), channel(2 / 3))
    }
}
