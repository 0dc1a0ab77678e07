import Foundation

extension Thing {
    static let vase = Thing { thing in
        let outline: [(Float, Float)] = [
            (0, 0.03), (0.38, 0.03), (0.44, 0.12), (0.72, 0.62), (0.76, 0.84), (0.66, 1.14), (0.34, 1.50), (0.27, 1.72),
            (0.34, 1.92), (0.46, 2.02), (0.40, 2.03), (0.26, 1.88), (0.19, 1.70), (0, 1.70),
        ]
        thing.add(.turned(outline, rounding: 0.02, curved: true), gloss: 0.9) { p in
            let white = hex(0xF3F1EA)
            let blue = hex(0x234E9E)
            if abs(p.y - 1.40) < 0.03 || abs(p.y - 0.22) < 0.04 || p.y > 1.95 { return blue }
            guard p.y > 0.40, p.y < 1.25 else { return white }
            let turn = atan2(p.z, p.x) * 8 / .pi
            let petal = abs(sin(turn * .pi / 2)) * 0.36 + 0.05
            return abs(p.y - 0.83) < petal && abs(p.y - 0.83) > petal - 0.09 ? blue : white
        }
    }

    static let lamp = Thing { thing in
        let brass = hex(0xC99A3D)
        thing.add(
            .turned([(0, 0.02), (0.50, 0.02), (0.46, 0.10), (0.12, 0.20), (0, 0.20)], rounding: 0.02),
            brass,
            gloss: 0.8,
            isMetal: true
        )
        thing.add(Shape.cylinder(0.045, 0.55).at(0, 0.72, 0), brass, gloss: 0.8, isMetal: true)
        thing.add(.ball(0.13).at(0, 0.62, 0), brass, gloss: 0.8, isMetal: true)
        let shade = Shape.turned([(0.80, 1.12), (0.84, 1.12), (0.50, 1.92), (0.46, 1.92)], rounding: 0.012)
        thing.add(shade, gloss: 0.05) { p in
            p.y < 1.17 || p.y > 1.87 ? hex(0xC8752F) : hex(0xF7D9A0)
        }
        thing.add(.ball(0.2).at(0, 1.42, 0), hex(0xFFE9B8), gloss: 0, glow: 1.4)
    }

    static let chair = Thing { thing in
        let wood = { @Sendable (p: Vector) in
            mix(hex(0x9C5F2C), hex(0xC98B4B), 0.5 + 0.5 * sin(p.y * 9 + p.x * 31 + sin(p.z * 7) * 2))
        }
        let legs = Shape.rod(Vector(0.46, 0.95, 0.44), Vector(0.54, 0.05, 0.52), 0.065, 0.05).mirrored(z: true)
        let posts = Shape.rod(Vector(0.48, 0.95, -0.46), Vector(0.52, 2.05, -0.62), 0.06).mirrored()
        let slats = [1.38, 1.65, 1.92].map { (y: Float) in
            Shape.box(0.5, 0.085, 0.03).at(0, y, -0.47 - 0.14 * (y - 0.95))
        }
        let rungs = Shape.rod(Vector(0.5, 0.42, 0.48), Vector(0.5, 0.42, -0.48), 0.035).mirrored()
        thing.add(slats.reduce(legs.and(posts).and(rungs)) { $0.and($1) }, gloss: 0.4, painted: wood)
        thing.add(.box(0.60, 0.055, 0.58, rounding: 0.04).at(0, 0.98, 0), gloss: 0.4, painted: wood)
        thing.add(.box(0.50, 0.07, 0.48, rounding: 0.07).at(0, 1.06, 0.02), hex(0x2E6E8E), gloss: 0.1)
    }

    static let key = Thing { thing in
        let bow = Shape.ring(0.40, 0.115).turnedX(90).at(0, 1.62, 0)
            .and(Shape.ring(0.16, 0.07).turnedX(90).at(0, 1.30, 0), smooth: 0.05)
        let shaft = Shape.rod(Vector(0, 1.2, 0), Vector(0, 0.12, 0), 0.095)
        let collar = Shape.cylinder(0.16, 0.05, rounding: 0.03).at(0, 1.02, 0).and(
            .cylinder(0.14, 0.04, rounding: 0.03).at(0, 0.88, 0)
        )
        let teeth = Shape.box(0.19, 0.10, 0.055).at(0.20, 0.24, 0).and(.box(0.14, 0.07, 0.055).at(0.17, 0.52, 0))
            .without(.box(0.04, 0.05, 0.2).at(0.27, 0.24, 0))
        thing.add(
            bow.and(shaft, smooth: 0.06).and(collar, smooth: 0.03).and(teeth),
            hex(0xD8A93A),
            gloss: 0.75,
            isMetal: true
        )
    }

    static let book = Thing { thing in
        let pose = { (shape: Shape) in shape.turnedX(-90).turnedX(78).turnedY(-26).at(0, 1.0, 0) }
        let cover = Shape.box(0.72, 0.98, 0.20, rounding: 0.03).without(.box(0.80, 0.90, 0.15).at(0.14, 0, 0))
        thing.add(pose(cover), gloss: 0.3) { _ in hex(0x7B2331) }
        thing.add(pose(.box(0.66, 0.91, 0.155, rounding: 0.01).at(0.02, 0, 0)), hex(0xF3E9D2), gloss: 0.05)
        thing.add(
            pose(.box(0.44, 0.03, 0.012, rounding: 0.005).at(0.02, 0.52, 0.2)),
            hex(0xE1B84B),
            gloss: 0.8,
            isMetal: true
        )
        thing.add(
            pose(.box(0.30, 0.02, 0.012, rounding: 0.005).at(0.02, 0.40, 0.2)),
            hex(0xE1B84B),
            gloss: 0.8,
            isMetal: true
        )
        thing.add(
            pose(Shape.ring(0.22, 0.022).turnedX(90).at(0.02, -0.22, 0.2)),
            hex(0xE1B84B),
            gloss: 0.8,
            isMetal: true
        )
        thing.add(pose(.box(0.05, 0.24, 0.006, rounding: 0.004).at(0.5, -1.04, 0.02)), hex(0x2F6F9F), gloss: 0.1)
    }

    static let hourglass = Thing { thing in
        let wood = hex(0x7A4524)
        let caps = Shape.cylinder(0.66, 0.07, rounding: 0.04)
        thing.add(caps.at(0, 0.08, 0).and(caps.at(0, 1.96, 0)), wood, gloss: 0.5)
        for number in 0..<3 {
            let angle = Float(number) * 2 * .pi / 3 + 0.5
            thing.add(
                Shape.cylinder(0.05, 0.9).at(cos(angle) * 0.55, 1.02, sin(angle) * 0.55)
                    .and(.ball(0.085).at(cos(angle) * 0.55, 1.02, sin(angle) * 0.55), smooth: 0.05),
                wood,
                gloss: 0.5
            )
        }
        let bulb = Shape.turned(
            [
                (0, 0.16), (0.30, 0.16), (0.40, 0.36), (0.38, 0.62), (0.06, 1.02), (0.38, 1.42), (0.40, 1.68),
                (0.30, 1.88), (0, 1.88),
            ],
            curved: true
        )
        thing.add(bulb, gloss: 1) { p in
            let sand = p.y < 0.55 - 0.25 * length(p.x, p.z) || (p.y > 1.02 && p.y < 1.40)
            return sand ? hex(0xE3B96B) : hex(0xBFD8DE)
        }
    }

    static let bell = Thing { thing in
        let outline: [(Float, Float)] = [
            (0, 0.30), (0.50, 0.30), (0.80, 0.26), (0.86, 0.34), (0.66, 0.56), (0.52, 0.95), (0.46, 1.34), (0.28, 1.58),
            (0, 1.62),
        ]
        thing.add(.turned(outline, rounding: 0.025, curved: true), gloss: 0.8) { p in
            abs(p.y - 0.62) < 0.02 || abs(p.y - 1.18) < 0.02 ? hex(0x8A5E14) : hex(0xDFA62C)
        }
        thing.add(.ball(0.16).at(0, 0.20, 0), hex(0x8C6A2B), gloss: 0.7, isMetal: true)
        thing.add(.ring(0.17, 0.055).turnedX(90).at(0, 1.80, 0), hex(0xB8862B), gloss: 0.8, isMetal: true)
        let bow = Shape.ellipsoid(0.30, 0.15, 0.12).turnedZ(18).at(0.34, 1.66, 0.18).mirrored()
        thing.add(bow.and(.ball(0.11).at(0, 1.64, 0.22)), hex(0xC3202F), gloss: 0.3)
    }

    static let umbrella = Thing { thing in
        let colours = [hex(0xE4572E), hex(0xF7F3E8)]
        let dome = Shape.ellipsoid(1.16, 0.86, 1.16).hollow(0.012).at(0, 1.06, 0)
        let hem = Shape { p in
            let wave = 0.11 * abs(sin(atan2(p.z, p.x) * 4))
            return 1.14 + wave - p.y
        }
        thing.add(dome.within(hem), gloss: 0.25) { p in
            let slice = Int(floor((atan2(p.z, p.x) + .pi) * 4 / .pi))
            return colours[slice & 1]
        }
        thing.add(.rod(Vector(0, 0.28, 0), Vector(0, 2.08, 0), 0.035), hex(0x8B5A2B), gloss: 0.4)
        let hook = Shape.ring(0.15, 0.05).turnedX(90).at(0.15, 0.24, 0).without(.box(0.4, 0.2, 0.4).at(0.15, 0.44, 0))
        thing.add(hook, hex(0x8B5A2B), gloss: 0.4)
    }

    static let hammer = Thing { thing in
        let pose = { (shape: Shape) in shape.turnedZ(-16).at(-0.16, 0.06, 0) }
        thing.add(pose(Shape.box(0.10, 0.84, 0.075, rounding: 0.06).at(0, 0.82, 0)), gloss: 0.35) { p in
            mix(hex(0xB9783B), hex(0xD79B57), 0.5 + 0.5 * sin(p.x * 60 + sin(p.y * 4) * 3))
        }
        let steel = hex(0x9AA3AC)
        let head = Shape.box(0.30, 0.14, 0.14, rounding: 0.03).at(0, 1.72, 0)
            .and(Shape.cylinder(0.19, 0.12, rounding: 0.04).turnedZ(90).at(0.42, 1.72, 0), smooth: 0.05)
        let claw = Shape.rod(Vector(-0.26, 1.74, 0.05), Vector(-0.62, 1.60, 0.08), 0.09, 0.03)
            .and(.rod(Vector(-0.26, 1.74, -0.05), Vector(-0.62, 1.60, -0.08), 0.09, 0.03))
        thing.add(pose(head.and(claw, smooth: 0.08)), steel, gloss: 0.8, isMetal: true)
        thing.add(pose(.box(0.12, 0.30, 0.09, rounding: 0.06).at(0, 0.30, 0)), hex(0xC62F2A), gloss: 0.2)
    }
}
