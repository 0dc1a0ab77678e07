import Foundation

extension Thing {
    static let mushroom = Thing { thing in
        thing.add(
            .turned([(0, 0.02), (0.34, 0.02), (0.38, 0.14), (0.25, 0.60), (0.24, 1.1), (0, 1.1)], rounding: 0.05),
            hex(0xF3EAD7),
            gloss: 0.15
        )
        thing.add(
            .turned([(0, 0.96), (0.62, 1.00), (0.28, 0.80), (0.22, 0.76)], rounding: 0.02),
            hex(0xEADBC0),
            gloss: 0.1
        )
        let cap = Shape.ellipsoid(0.98, 0.74, 0.98).at(0, 1.06, 0).within(Shape { p in 1.0 - p.y }).grown(0.03)
        let spots = (0..<19).map { number -> (middle: Vector, width: Float) in
            let height = 1 - (Float(number) + 0.5) / 21
            let angle = Float(number) * 2.39996 + 0.6
            let flat = (1 - height * height).squareRoot()
            return (Vector(cos(angle) * flat, height, sin(angle) * flat), 0.09 + 0.07 * noise(number, 3))
        }
        thing.add(cap, gloss: 0.7) { p in
            let out = normalize((p - Vector(0, 1.06, 0)) / Vector(0.98, 0.74, 0.98))
            let isSpot = p.y > 1.0 && spots.contains { length(out - $0.middle) < $0.width }
            return isSpot ? hex(0xFBF6EA) : hex(0xCB2A2A)
        }
    }

    static let tree = Thing { thing in
        thing.add(
            .turned([(0, 0.02), (0.30, 0.02), (0.17, 0.20), (0.13, 0.9), (0, 0.9)], rounding: 0.02),
            hex(0x6B4226),
            gloss: 0.1
        )
        let leaf = { @Sendable (p: Vector) in
            0.035 * sin(p.x * 11) * sin(p.y * 12 + 1) * sin(p.z * 10 + 2) + 0.012 * sin(p.x * 31) * sin(p.y * 29)
                * sin(p.z * 33)
        }
        let crown = Shape.ball(0.62).at(0, 1.42, 0)
            .and(.ball(0.44).at(0.46, 1.18, 0.12), smooth: 0.2).and(.ball(0.42).at(-0.46, 1.22, 0.16), smooth: 0.2)
            .and(.ball(0.40).at(0.08, 1.16, -0.46), smooth: 0.2).and(.ball(0.36).at(0.02, 1.14, 0.48), smooth: 0.2)
        thing.add(crown.waved(leaf), gloss: 0.1) { p in
            mix(hex(0x2E6B2A), hex(0x74B23E), smoothstep(0.8, 2.0, p.y + 0.2 * sin(p.x * 9) * sin(p.z * 8)))
        }
        for number in 0..<9 {
            let angle = Float(number) * 2.1 + 0.4
            let y = 1.05 + 0.09 * Float(number)
            let reach = 0.74 - 0.05 * abs(Float(number) - 3)
            thing.add(.ball(0.075).at(cos(angle) * reach, y, sin(angle) * reach), hex(0xD6322C), gloss: 0.8)
        }
    }

    static let fir = Thing { thing in
        thing.add(.cylinder(0.14, 0.2).at(0, 0.2, 0), hex(0x5F3A20), gloss: 0.1)
        for (low, radius, high) in [(Float(0.32), Float(0.88), Float(1.12)), (0.78, 0.70, 1.54), (1.22, 0.50, 2.08)] {
            let tier = Shape.turned(
                [(0, low), (radius, low - 0.06), (radius * 0.45, (low + high) / 2 - 0.04), (0, high)],
                rounding: 0.02
            )
            thing.add(
                tier.waved { p in 0.03 * sin(atan2(p.z, p.x) * 13) * smoothstep(0, radius, length(p.x, p.z)) },
                gloss: 0.15
            ) { p in
                mix(hex(0x17492F), hex(0x3F8F55), smoothstep(low - 0.1, high, p.y))
            }
        }
    }

    static let cactus = Thing { thing in
        let clay = hex(0xC4683A)
        thing.add(
            .turned(
                [
                    (0, 0.02), (0.38, 0.02), (0.50, 0.52), (0.56, 0.52), (0.56, 0.66), (0.46, 0.66), (0.44, 0.58),
                    (0, 0.58),
                ],
                rounding: 0.015
            ),
            clay,
            gloss: 0.15
        )
        thing.add(.cylinder(0.45, 0.02).at(0, 0.60, 0), hex(0x4B3526), gloss: 0.05)
        let arms = Shape.rod(Vector(0.2, 1.06, 0), Vector(0.52, 1.10, 0), 0.135).and(
            .rod(Vector(0.54, 1.12, 0), Vector(0.56, 1.50, 0), 0.135),
            smooth: 0.1
        )
        .and(.rod(Vector(-0.2, 0.92, 0), Vector(-0.48, 0.98, 0), 0.12), smooth: 0.05)
        .and(.rod(Vector(-0.50, 1.0, 0), Vector(-0.52, 1.28, 0), 0.12), smooth: 0.1)
        let body = Shape.rod(Vector(0, 0.6, 0), Vector(0, 1.72, 0), 0.27)
        thing.add(body.and(arms, smooth: 0.08).waved { p in 0.018 * cos(atan2(p.z, p.x) * 12) }, gloss: 0.2) { p in
            mix(hex(0x2F6E3A), hex(0x6FB05B), 0.5 - 0.5 * cos(atan2(p.z, p.x) * 12))
        }
        for number in 0..<7 {
            let angle = Float(number) * 0.9
            thing.add(
                Shape.ellipsoid(0.11, 0.05, 0.06).turnedZ(40).at(0.08, 0, 0).turnedY(angle * 57.3).at(0, 2.02, 0),
                hex(0xEE5C8D),
                gloss: 0.3
            )
        }
        thing.add(.ball(0.06).at(0, 2.06, 0), hex(0xF5D547), gloss: 0.3)
    }

    static let snowman = Thing { thing in
        let snow = hex(0xF2F5F9)
        thing.add(.ball(0.62).at(0, 0.56, 0).and(.ball(0.45).at(0, 1.28, 0), smooth: 0.06), snow, gloss: 0.1)
        thing.add(.ball(0.33).at(0, 1.82, 0), snow, gloss: 0.1)
        thing.add(.rod(Vector(0, 1.82, 0.30), Vector(0, 1.79, 0.72), 0.075, 0.01), hex(0xEF7D22), gloss: 0.3)
        let coal = hex(0x1F1F23)
        thing.add(.ball(0.045).at(0.12, 1.92, 0.29).mirrored(), coal, gloss: 0.5)
        for y in [Float(1.08), 1.28, 1.48] {
            thing.add(.ball(0.05).at(0, y, 0.43 - abs(y - 1.28) * 0.3), coal, gloss: 0.5)
        }
        thing.add(
            Shape.ring(0.30, 0.095).at(0, 1.58, 0).and(
                .rod(Vector(0.22, 1.54, 0.26), Vector(0.32, 1.10, 0.44), 0.085),
                smooth: 0.05
            )
        ) { p in
            sin(atan2(p.z, p.x) * 10 + p.y * 12) > 0.35 ? hex(0xF5F0E6) : hex(0xC9302C)
        }
        thing.add(.cylinder(0.42, 0.03).at(0, 2.06, 0).and(.cylinder(0.27, 0.22).at(0, 2.26, 0)), coal, gloss: 0.35)
        thing.add(.cylinder(0.28, 0.045).at(0, 2.13, 0), hex(0xC9302C), gloss: 0.2)
        thing.add(
            .rod(Vector(0.38, 1.36, 0), Vector(0.98, 1.72, 0.1), 0.032).and(
                .rod(Vector(0.78, 1.60, 0.06), Vector(0.88, 1.80, 0.1), 0.022)
            ).mirrored(),
            hex(0x5A3B22),
            gloss: 0.1
        )
    }

    static let house = Thing { thing in
        thing.add(
            .box(0.82, 0.52, 0.62, rounding: 0.015).at(0, 0.52, 0).and(
                .cutOut([(-0.8, 0), (0.8, 0), (0, 0.68)], halfDepth: 0.61).at(0, 1.0, 0)
            ),
            hex(0xF3E3C3),
            gloss: 0.1
        )
        let slope = Shape.box(0.70, 0.05, 0.76, rounding: 0.02).turnedZ(-40).at(0.46, 1.36, 0)
        thing.add(slope.mirrored(), gloss: 0.15) { p in
            let row = Int(floor((p.y) * 11))
            let column = Int(floor(p.z * 7 + (row & 1 == 0 ? 0 : 0.5)))
            return mix(hex(0x9C3B2A), hex(0xC9583C), noise(row, column, p.x > 0 ? 1 : 2))
        }
        thing.add(.box(0.13, 0.30, 0.13).at(0.46, 1.66, -0.2), hex(0x9A5A48), gloss: 0.1)
        thing.add(.box(0.17, 0.035, 0.17).at(0.46, 1.96, -0.2), hex(0x6F4034), gloss: 0.1)
        thing.add(.box(0.17, 0.33, 0.03).at(0, 0.34, 0.62), hex(0x2F6B73), gloss: 0.4)
        thing.add(.ball(0.03).at(0.11, 0.34, 0.66), hex(0xE0B64A), gloss: 0.8, isMetal: true)
        let frame = Shape.box(0.18, 0.19, 0.025).at(0.50, 0.62, 0.62).mirrored()
        thing.add(frame, hex(0xFFFFFF), gloss: 0.2)
        thing.add(
            .box(0.068, 0.073, 0.012).at(0.08, 0.085, 0).mirrored().and(
                .box(0.068, 0.073, 0.012).at(0.08, -0.085, 0).mirrored()
            ).at(0.50, 0.62, 0.64).mirrored(),
            hex(0x7FB7D6),
            gloss: 0.9
        )
        thing.add(Shape.box(0.022, 0.17, 0.17).at(0.82, 0.62, 0), hex(0xFFFFFF), gloss: 0.2)
        thing.add(Shape.box(0.012, 0.13, 0.13).at(0.84, 0.62, 0), hex(0x7FB7D6), gloss: 0.9)
        thing.add(Shape.cylinder(0.13, 0.02).turnedX(90).at(0, 1.26, 0.62), hex(0x7FB7D6), gloss: 0.9)
        thing.add(.box(0.24, 0.04, 0.12).at(0, 0.04, 0.74), hex(0xA9A39A), gloss: 0.1)
    }

    static let lighthouse = Thing { thing in
        let rock = Shape.ellipsoid(0.95, 0.34, 0.85).waved { p in 0.05 * sin(p.x * 9) * sin(p.z * 8 + 1) * sin(p.y * 11)
        }
        thing.add(rock.within(Shape { p in -p.y }), hex(0x77736D), gloss: 0.15)
        thing.add(.turned([(0, 0.1), (0.44, 0.1), (0.28, 1.55), (0, 1.55)], rounding: 0.01), gloss: 0.3) { p in
            Int(floor((p.y - 0.18) / 0.28)) & 1 == 0 ? hex(0xF6F2EA) : hex(0xC9302C)
        }
        thing.add(.cylinder(0.40, 0.035).at(0, 1.57, 0), hex(0x2B2F36), gloss: 0.4)
        thing.add(.ring(0.38, 0.014).at(0, 1.70, 0), hex(0x2B2F36), gloss: 0.4)
        thing.add(.cylinder(0.20, 0.16).at(0, 1.74, 0), hex(0xFFE38A), gloss: 0.9, glow: 0.9)
        thing.add(
            .turned([(0, 1.90), (0.28, 1.90), (0.06, 2.12), (0, 2.20)], rounding: 0.01),
            hex(0xB02A26),
            gloss: 0.4
        )
        thing.add(.box(0.09, 0.16, 0.05).at(0, 0.46, 0.38), hex(0x4A2E1D), gloss: 0.2)
    }
}
