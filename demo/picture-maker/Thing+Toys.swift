import Foundation

extension Thing {
    static let die = Thing { thing in
        let pips: [(Vector, Vector)] = {
            let front = Vector(0, 0, 1), right = Vector(1, 0, 0), top = Vector(0, 1, 0)
            let two: [(Float, Float)] = [(-1, -1), (1, 1)]
            let five = two + [(-1, 1), (1, -1), (0, 0)]
            let three = two + [(0, 0)]
            var list: [(Vector, Vector)] = []
            for (u, v) in five { list.append((front * 0.62 + (right * u + top * v) * 0.30, front)) }
            for (u, v) in three { list.append((right * 0.62 + (front * u + top * v) * 0.30, right)) }
            for (u, v) in [(Float(-1), Float(-1)), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)] {
                list.append((top * 0.62 + (right * u + front * v) * 0.30, top))
            }
            return list
        }()
        let dents = Shape { p in
            pips.reduce(Float.infinity) { min($0, length(p - $1.0 - $1.1 * 0.05) - 0.13) }
        }
        let cube = Shape.box(0.62, 0.62, 0.62, rounding: 0.14).without(dents)
        let pose = { (shape: Shape) in shape.turnedY(8).at(0, 0.63, 0) }
        let dented = pose(dents)
        thing.add(pose(cube), gloss: 0.85) { p in dented.distance(p) < 0.012 ? hex(0xF8F4E8) : hex(0xC2202C) }
    }

    static let rocket = Thing { thing in
        let hull: [(Float, Float)] = [
            (0, 0.36), (0.26, 0.36), (0.40, 0.72), (0.43, 1.06), (0.36, 1.44), (0.20, 1.82), (0.06, 2.10), (0, 2.14),
        ]
        thing.add(.turned(hull, rounding: 0.02, curved: true), gloss: 0.7) { p in
            p.y > 1.62 ? hex(0xD8362F) : abs(p.y - 0.62) < 0.035 ? hex(0xD8362F) : hex(0xEFF2F5)
        }
        for number in 0..<3 {
            let fin = Shape.cutOut(
                [(0.28, 0.38), (0.34, 0.92), (0.62, 0.46), (0.74, 0.04), (0.60, 0.10)],
                halfDepth: 0.045,
                rounding: 0.03
            )
            thing.add(fin.turnedY(Float(number) * 120 + 35), hex(0xD8362F), gloss: 0.6)
        }
        thing.add(
            Shape.turned([(0, 0.24), (0.25, 0.22), (0.19, 0.40), (0, 0.40)], rounding: 0.01),
            hex(0x5B6068),
            gloss: 0.7,
            isMetal: true
        )
        let window = { (shape: Shape) in shape.turnedX(90).turnedX(-4).at(0, 1.22, 0.435).turnedY(20) }
        thing.add(window(.ring(0.17, 0.045)), hex(0x8D98A3), gloss: 0.8, isMetal: true)
        thing.add(window(.cylinder(0.16, 0.02)), hex(0x4FA3D1), gloss: 1)
    }

    static let boat = Thing { thing in
        let hull = Shape.ellipsoid(1.15, 0.52, 0.46).at(0, 0.52, 0).within(Shape { p in p.y - 0.52 - 0.08 * p.x * p.x })
        let inside = Shape.ellipsoid(1.05, 0.42, 0.38).at(0, 0.58, 0)
        thing.add(hull.without(inside), gloss: 0.4) { p in
            p.y > 0.42 + 0.08 * p.x * p.x ? hex(0xF5EEDC) : p.y > 0.16 ? hex(0x1F6FA8) : hex(0xB5342B)
        }
        thing.add(.box(0.16, 0.02, 0.38).at(-0.45, 0.42, 0), hex(0xB07A45), gloss: 0.2)
        thing.add(.rod(Vector(0.05, 0.2, 0), Vector(0.05, 2.14, 0), 0.04, 0.025), hex(0x8A5A30), gloss: 0.3)
        thing.add(.rod(Vector(0.0, 0.72, 0), Vector(-0.86, 0.70, 0.05), 0.025), hex(0x8A5A30), gloss: 0.3)
        let belly = { @Sendable (p: Vector) in
            Vector(p.x, p.y, p.z - 0.18 * sin(clamp((p.y - 0.7) / 1.4) * .pi) * smoothstep(0, 0.5, abs(p.x)))
        }
        let main = Shape.cutOut([(-0.02, 0.78), (-0.84, 0.78), (-0.02, 2.04)], halfDepth: 0.018)
        let jib = Shape.cutOut([(0.12, 0.74), (0.98, 0.70), (0.12, 1.86)], halfDepth: 0.018)
        thing.add(Shape { p in main.distance(belly(p)) * 0.8 }, gloss: 0.1) { p in
            Int(floor((p.y - 0.78) / 0.25)) & 1 == 0 ? hex(0xFBF7EC) : hex(0xD94A38)
        }
        thing.add(Shape { p in jib.distance(belly(p)) * 0.8 }, hex(0xFBF7EC), gloss: 0.1)
        thing.add(
            .cutOut([(0, 0), (0.26, 0.08), (0, 0.16)], halfDepth: 0.012).at(0.06, 2.02, 0),
            hex(0xF2B632),
            gloss: 0.1
        )
    }

    static let robot = Thing { thing in
        let tin = hex(0x7FA8B8)
        thing.add(.box(0.46, 0.44, 0.34, rounding: 0.08).at(0, 0.92, 0), tin, gloss: 0.6)
        thing.add(.box(0.36, 0.29, 0.30, rounding: 0.08).at(0, 1.70, 0), tin, gloss: 0.6)
        thing.add(.cylinder(0.12, 0.1).at(0, 1.40, 0), hex(0x4C5760), gloss: 0.6)
        thing.add(
            Shape.cylinder(0.095, 0.03).turnedX(90).at(0.15, 1.76, 0.30).mirrored(),
            hex(0xFFE27A),
            gloss: 0.9,
            glow: 0.8
        )
        thing.add(.ball(0.04).at(0.15, 1.76, 0.33).mirrored(), hex(0x26323A), gloss: 0.9)
        thing.add(.box(0.19, 0.035, 0.02).at(0, 1.55, 0.30), hex(0x26323A), gloss: 0.4)
        thing.add(.rod(Vector(0, 1.98, 0), Vector(0, 2.16, 0), 0.022), hex(0x4C5760), gloss: 0.6)
        thing.add(.ball(0.075).at(0, 2.22, 0), hex(0xE4483A), gloss: 0.9, glow: 0.3)
        let arm = Shape.rod(Vector(0.50, 1.20, 0), Vector(0.74, 0.84, 0.08), 0.085).and(
            .rod(Vector(0.74, 0.84, 0.08), Vector(0.70, 0.56, 0.26), 0.08)
        )
        thing.add(arm.mirrored(), hex(0x4C5760), gloss: 0.5)
        thing.add(.ball(0.12).at(0.70, 0.54, 0.28).mirrored(), hex(0xE4883A), gloss: 0.5)
        thing.add(.rod(Vector(0.22, 0.5, 0), Vector(0.22, 0.16, 0), 0.105).mirrored(), hex(0x4C5760), gloss: 0.5)
        thing.add(.box(0.17, 0.09, 0.25, rounding: 0.05).at(0.23, 0.09, 0.06).mirrored(), hex(0xE4883A), gloss: 0.5)
        thing.add(.box(0.28, 0.2, 0.02).at(0, 0.98, 0.34), hex(0xE9EDEF), gloss: 0.4)
        for (number, colour) in [hex(0xE4483A), hex(0xF2C037), hex(0x58A55C)].enumerated() {
            thing.add(.ball(0.05).at(Float(number - 1) * 0.16, 1.06, 0.36), colour, gloss: 0.8, glow: 0.2)
        }
        thing.add(.box(0.2, 0.025, 0.01).at(0, 0.90, 0.36), hex(0x58707C), gloss: 0.4)
    }

    static let duck = Thing { thing in
        let body = Shape.ellipsoid(0.86, 0.56, 0.66).at(-0.08, 0.56, 0)
            .and(.rod(Vector(-0.66, 0.70, 0), Vector(-0.98, 1.02, 0), 0.22, 0.05), smooth: 0.25)
            .and(.ball(0.46).at(0.42, 1.38, 0), smooth: 0.2)
        thing.add(
            body.and(
                Shape.ellipsoid(0.42, 0.26, 0.12).turnedZ(14).at(-0.20, 0.66, 0.60).mirrored(z: true),
                smooth: 0.06
            ),
            hex(0xF9C623),
            gloss: 0.75
        )
        thing.add(
            .ellipsoid(0.24, 0.075, 0.2).at(0.90, 1.34, 0).and(
                .ellipsoid(0.20, 0.055, 0.17).turnedZ(-14).at(0.86, 1.24, 0)
            ),
            hex(0xF0742A),
            gloss: 0.6
        )
        for side in [Float(-1), 1] {
            thing.add(.ball(0.075).at(0.70, 1.54, 0.30 * side), hex(0x1C1C20), gloss: 0.95)
            thing.add(.ball(0.022).at(0.755, 1.58, 0.335 * side), hex(0xFFFFFF), gloss: 0.2, glow: 0.6)
        }
    }

    static let teddy = Thing { thing in
        let fur = hex(0xA8713F)
        let fuzz = { @Sendable (p: Vector) in 0.004 * sin(p.x * 61) * sin(p.y * 57) * sin(p.z * 63) }
        let body = Shape.ellipsoid(0.54, 0.60, 0.46).at(0, 0.66, 0).and(.ball(0.47).at(0, 1.54, 0.02), smooth: 0.06)
            .and(Shape.ball(0.17).at(0.36, 1.94, 0).mirrored(), smooth: 0.04)
            .and(Shape.rod(Vector(0.46, 1.0, 0.1), Vector(0.72, 0.66, 0.30), 0.19, 0.16).mirrored(), smooth: 0.06)
            .and(Shape.rod(Vector(0.32, 0.26, 0.2), Vector(0.50, 0.22, 0.66), 0.22, 0.2).mirrored(), smooth: 0.06)
        thing.add(body.waved(fuzz), fur, gloss: 0.05)
        let pale = hex(0xDDB384)
        thing.add(.ellipsoid(0.22, 0.17, 0.17).at(0, 1.43, 0.42), pale, gloss: 0.05)
        thing.add(.ellipsoid(0.34, 0.38, 0.1).at(0, 0.66, 0.40), pale, gloss: 0.05)
        thing.add(Shape.ball(0.10).at(0.37, 1.95, 0.12).mirrored(), pale, gloss: 0.05)
        thing.add(.ellipsoid(0.15, 0.15, 0.05).at(0.52, 0.22, 0.84).mirrored(), pale, gloss: 0.05)
        thing.add(.ellipsoid(0.085, 0.06, 0.05).at(0, 1.52, 0.58), hex(0x2A1B14), gloss: 0.8)
        thing.add(.ball(0.055).at(0.17, 1.64, 0.42).mirrored(), hex(0x1B1412), gloss: 0.95)
        let bow = Shape.ellipsoid(0.2, 0.11, 0.07).turnedZ(12).at(0.2, 1.12, 0.46).mirrored().and(
            .ball(0.075).at(0, 1.11, 0.49)
        )
        thing.add(bow, hex(0xC22B3A), gloss: 0.3)
    }

    static let car = Thing { thing in
        let paint = hex(0xE3B01F)
        let body = Shape.box(1.12, 0.24, 0.52, rounding: 0.14).at(0, 0.52, 0)
        let cabin = Shape.cutOut(
            [(-0.78, 0.66), (-0.56, 1.12), (0.22, 1.12), (0.56, 0.66)],
            halfDepth: 0.44,
            rounding: 0.07
        )
        let arches = Shape.cylinder(0.30, 2).turnedX(90).at(0.64, 0.30, 0).mirrored()
        thing.add(body.and(cabin, smooth: 0.1).without(arches), gloss: 0.85) { p in
            guard p.y > 0.74, p.y < 1.05 else { return paint }
            let side =
                abs(p.z) > 0.40 && p.x > -0.60 + (1.05 - p.y) * -0.35 && p.x < 0.16 + (1.05 - p.y) * 0.75
                && abs(p.x + 0.16) > 0.035
            let ends = abs(p.z) < 0.36 && (p.x > 0.2 || p.x < -0.56)
            return side || ends ? hex(0x22313B) : paint
        }
        let wheel = Shape.cylinder(0.27, 0.11, rounding: 0.06).turnedX(90).at(0.64, 0.28, 0.42).mirrored(z: true)
        thing.add(wheel, hex(0x1F2023), gloss: 0.2)
        thing.add(
            Shape.cylinder(0.15, 0.03).turnedX(90).at(0.64, 0.28, 0.52).mirrored(z: true),
            hex(0xC9CED3),
            gloss: 0.8,
            isMetal: true
        )
        thing.add(
            Shape.ellipsoid(0.05, 0.10, 0.11).at(1.09, 0.58, 0.32).mirrored(z: true),
            hex(0xFFF6D8),
            gloss: 0.95,
            glow: 0.3
        )
        thing.add(
            .box(0.05, 0.06, 0.50, rounding: 0.04).at(1.12, 0.38, 0).mirrored(),
            hex(0xC9CED3),
            gloss: 0.8,
            isMetal: true
        )
    }

    static let pawn = Thing { thing in
        let outline: [(Float, Float)] = [
            (0, 0.02), (0.60, 0.02), (0.62, 0.18), (0.50, 0.26), (0.46, 0.38), (0.30, 0.56), (0.20, 1.10), (0.22, 1.22),
            (0.38, 1.28), (0.36, 1.36), (0, 1.38),
        ]
        thing.add(
            .turned(outline, rounding: 0.025, curved: true).and(.ball(0.37).at(0, 1.68, 0), smooth: 0.05),
            gloss: 0.8
        ) { p in
            mix(hex(0x3A2317), hex(0x5B3722), 0.5 + 0.5 * sin(p.x * 14 + sin(p.y * 3) * 2 + p.z * 5))
        }
    }

    static let gift = Thing { thing in
        let ribbon = hex(0xF4C542)
        thing.add(.box(0.72, 0.55, 0.72, rounding: 0.03).at(0, 0.55, 0), gloss: 0.4) { p in
            let dot = length(
                Vector(p.x, p.y, p.z) * 5 - Vector((p.x * 5).rounded(), (p.y * 5).rounded(), (p.z * 5).rounded())
            )
            return abs(p.x) < 0.13 || abs(p.z) < 0.13 ? ribbon : dot < 0.28 ? hex(0xF7F3EA) : hex(0x3E7CB1)
        }
        thing.add(.box(0.78, 0.13, 0.78, rounding: 0.03).at(0, 1.14, 0), gloss: 0.4) { p in
            abs(p.x) < 0.13 || abs(p.z) < 0.13 ? ribbon : hex(0x33699A)
        }
        let loop = Shape.ring(0.24, 0.05).turnedX(90)
        let loops = Shape { p in
            loop.distance(Vector(p.x, p.y * 1.35, p.z)) * 0.74
        }
        thing.add(loops.turnedZ(28).at(0.27, 1.42, 0).mirrored().grown(0.02), ribbon, gloss: 0.6)
        thing.add(loops.turnedZ(28).at(0.24, 1.42, 0).turnedY(90).grown(0.015), ribbon, gloss: 0.6)
        thing.add(loops.turnedZ(28).at(0.24, 1.42, 0).turnedY(-90).grown(0.015), ribbon, gloss: 0.6)
        thing.add(.ball(0.11).at(0, 1.34, 0), ribbon, gloss: 0.6)
    }

    static let trophy = Thing { thing in
        let gold = hex(0xE0AC34)
        let cup: [(Float, Float)] = [
            (0, 0.98), (0.18, 0.98), (0.44, 1.24), (0.56, 1.60), (0.58, 1.98), (0.52, 1.98), (0.48, 1.62), (0.36, 1.34),
            (0, 1.14),
        ]
        let handles = Shape.ring(0.27, 0.055).turnedX(90).at(0.62, 1.62, 0).mirrored().without(
            .cylinder(0.5, 1).at(0, 1.6, 0)
        )
        thing.add(.turned(cup, rounding: 0.02).and(handles, smooth: 0.04), gold, gloss: 0.8, isMetal: true)
        thing.add(
            .turned(
                [(0, 0.48), (0.30, 0.48), (0.24, 0.58), (0.09, 0.70), (0.09, 0.92), (0.18, 1.0), (0, 1.0)],
                rounding: 0.015
            ),
            gold,
            gloss: 0.8,
            isMetal: true
        )
        thing.add(.box(0.44, 0.23, 0.44, rounding: 0.03).at(0, 0.24, 0), hex(0x3B2318), gloss: 0.5)
        thing.add(.box(0.26, 0.10, 0.01, rounding: 0.005).at(0, 0.25, 0.445), gold, gloss: 0.8, isMetal: true)
        thing.add(
            .cutOut(
                (0..<10).map { corner in
                    let radius: Float = corner % 2 == 0 ? 0.19 : 0.08
                    let angle = Float(corner) * .pi / 5 + .pi / 2
                    return (cos(angle) * radius, sin(angle) * radius)
                },
                halfDepth: 0.03
            ).at(0, 1.62, 0.555),
            hex(0xFFF1C4),
            gloss: 0.6
        )
    }
}
