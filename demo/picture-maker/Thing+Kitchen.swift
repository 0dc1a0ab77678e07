import Foundation

extension Thing {
    static let mug = Thing { thing in
        let body = Shape.cylinder(0.66, 0.78, rounding: 0.09).at(0, 0.8, 0)
        let inside = Shape.cylinder(0.58, 0.8, rounding: 0.1).at(0, 0.92, 0)
        let handle = Shape.ring(0.40, 0.085).turnedX(90).at(0.70, 0.80, 0).without(Shape.cylinder(0.62, 2))
        let red = hex(0xD9433B)
        thing.add(body.and(handle, smooth: 0.08).without(inside), gloss: 0.8) { p in
            p.y > 0.42 && p.y < 0.56 ? hex(0xF6EFE0) : red
        }
        thing.add(.cylinder(0.585, 0.02).at(0, 1.36, 0), hex(0x4A2A17), gloss: 0.7)
    }

    static let donut = Thing { thing in
        let dough = Shape.ring(0.72, 0.40)
        let icing = dough.grown(0.035).waved { p in
            let angle = atan2(p.z, p.x)
            return max(0, 0.10 * sin(angle * 7) + 0.05 * sin(angle * 11 + 1) - p.y + 0.02) * 1.2
        }
        let pose = { (shape: Shape) in shape.turnedX(62).turnedY(14).at(0, 1.05, 0) }
        thing.add(pose(dough), hex(0xD59A55), gloss: 0.2)
        thing.add(pose(icing), hex(0xF07FAF), gloss: 0.75)
        let colours = [0xFFF3D6, 0x58C4DD, 0xFFD23F, 0x7BC950, 0xFFFFFF].map { hex($0) }
        for number in 0..<54 {
            let angle = Float(number) * 2.39996
            let across = (noise(number, 1) - 0.5) * 1.5
            let radius = 0.72 + 0.435 * sin(across)
            let middle = Vector(cos(angle) * radius, 0.435 * cos(across), sin(angle) * radius)
            let out = normalize(Vector(cos(angle) * sin(across), cos(across), sin(angle) * sin(across)))
            let spin = noise(number, 2) * 6.28
            let side = normalize(cross(out, Vector(cos(spin), 0.3, sin(spin)))) * 0.06
            thing.add(pose(.rod(middle - side, middle + side, 0.024)), colours[number % colours.count], gloss: 0.5)
        }
    }

    static let cake = Thing { thing in
        thing.add(.cylinder(1.12, 0.035).at(0, 0.05, 0), hex(0xE9EEF2), gloss: 0.8)
        for (radius, low, high) in [(Float(0.92), Float(0.08), Float(0.70)), (0.58, 0.70, 1.22)] {
            let middle = (low + high) / 2
            thing.add(.cylinder(radius, (high - low) / 2, rounding: 0.04).at(0, middle, 0)) { p in
                abs(p.y - middle) < 0.035 ? hex(0xC94F6D) : hex(0xE8C088)
            }
            let icing = Shape.cylinder(radius + 0.035, 0.17, rounding: 0.06).at(0, high - 0.10, 0).waved { p in
                let drip = 0.07 * sin(atan2(p.z, p.x) * 9) + 0.05 * sin(atan2(p.z, p.x) * 14 + 1)
                return max(0, high - 0.15 + drip - p.y) * 1.6
            }
            thing.add(icing, hex(0xFBF3EA), gloss: 0.6)
        }
        for number in 0..<8 {
            let angle = Float(number) * .pi / 4 + 0.2
            thing.add(.ball(0.085).at(cos(angle) * 0.76, 0.79, sin(angle) * 0.76), hex(0xD0243B), gloss: 0.9)
        }
        thing.add(.ball(0.15).at(0, 1.37, 0), hex(0xC4122F), gloss: 0.95)
        thing.add(.rod(Vector(0.02, 1.48, 0), Vector(0.14, 1.78, 0.02), 0.018), hex(0x4C7A34))
    }

    static let iceCream = Thing { thing in
        let cone = Shape.turned([(0, 0.02), (0.05, 0.02), (0.48, 1.12), (0.42, 1.16), (0, 1.16)], rounding: 0.02)
        thing.add(cone, gloss: 0.15) { p in
            let turn = atan2(p.z, p.x) * 9 / .pi
            let grid = min(abs(sin((turn + p.y * 7) * .pi / 2)), abs(sin((turn - p.y * 7) * .pi / 2)))
            return mix(hex(0xA9662A), hex(0xE3A857), smoothstep(0.06, 0.22, grid))
        }
        let scoop = { (seed: Float) in
            { @Sendable (p: Vector) in 0.018 * sin(p.x * 17 + seed) * sin(p.y * 19) * sin(p.z * 16 + seed) }
        }
        thing.add(
            Shape.ball(0.52).and(.ring(0.47, 0.085).at(0, -0.2, 0), smooth: 0.1).at(0, 1.32, 0).waved(scoop(0)),
            hex(0xF3A6B8),
            gloss: 0.3
        )
        thing.add(Shape.ball(0.42).at(0.03, 1.86, 0).waved(scoop(2)), hex(0xF7EBC8), gloss: 0.3)
        thing.add(.ball(0.11).at(0.05, 2.30, 0.04), hex(0xC4122F), gloss: 0.95)
    }

    static let apple = Thing { thing in
        let flesh = Shape { p in
            let r = length(p.x, p.z)
            let body = length(Vector(p.x, p.y * 1.06 + 0.10 * r * r, p.z)) - 0.86
            let dimple = length(Vector(p.x, p.y - 1.02, p.z)) - 0.34
            let h = max(0.3 - abs(body + dimple), 0) / 0.3
            return (max(body, -dimple) + h * h * 0.075) * 0.8
        }
        thing.add(flesh.at(0, 0.88, 0), gloss: 0.75) { p in
            let streak = 0.5 + 0.5 * sin(atan2(p.z, p.x) * 17 + sin(p.y * 5) * 2)
            let blush = smoothstep(0.1, 1.5, p.y + 0.25 * p.x + 0.12 * streak)
            return mix(hex(0xE8C23C), hex(0xC2182B), blush)
        }
        thing.add(.rod(Vector(0, 1.36, 0), Vector(0.12, 1.92, 0.03), 0.035, 0.05), hex(0x5A3B22))
        let leaf = Shape.ellipsoid(0.34, 0.035, 0.15).turnedZ(22).turnedY(-25).at(0.44, 1.84, 0.12)
        thing.add(leaf, hex(0x5FA03A), gloss: 0.4)
    }

    static let teapot = Thing { thing in
        let glaze = hex(0x2F7F86)
        let body = Shape.ellipsoid(0.84, 0.68, 0.84).at(0, 0.72, 0)
        let foot = Shape.cylinder(0.46, 0.06, rounding: 0.03).at(0, 0.07, 0)
        let spout = Shape.rod(Vector(0.62, 0.58, 0), Vector(0.98, 0.86, 0), 0.17, 0.12)
            .and(.rod(Vector(0.98, 0.86, 0), Vector(1.22, 1.26, 0), 0.12, 0.085), smooth: 0.12)
            .without(.rod(Vector(1.12, 1.10, 0), Vector(1.30, 1.40, 0), 0.05))
        let handle = Shape.ring(0.40, 0.075).turnedX(90).at(-0.86, 0.80, 0).without(
            .ellipsoid(0.8, 0.64, 0.8).at(0, 0.72, 0)
        )
        thing.add(body.and(foot, smooth: 0.1).and(spout, smooth: 0.1).and(handle, smooth: 0.08), gloss: 0.85) { p in
            abs(p.y - 1.02) < 0.025 || abs(p.y - 0.94) < 0.012 ? hex(0xF2E3B3) : glaze
        }
        thing.add(Shape.ellipsoid(0.44, 0.16, 0.44).at(0, 1.32, 0), hex(0x2F7F86), gloss: 0.85)
        thing.add(.ball(0.12).at(0, 1.56, 0), hex(0xF2E3B3), gloss: 0.85)
    }

    static let candle = Thing { thing in
        let dish = Shape.turned(
            [(0, 0.0), (0.8, 0.0), (0.95, 0.2), (0.88, 0.22), (0.74, 0.08), (0, 0.08)],
            rounding: 0.015
        )
        thing.add(dish.and(.ring(0.17, 0.05).turnedX(90).at(1.05, 0.17, 0)), hex(0xC9A14A), gloss: 0.7, isMetal: true)
        let wax = Shape.cylinder(0.30, 0.56, rounding: 0.06).at(0, 0.64, 0)
            .and(.rod(Vector(0.27, 1.1, 0.1), Vector(0.29, 0.74, 0.1), 0.06), smooth: 0.06)
            .and(.rod(Vector(-0.1, 1.12, 0.28), Vector(-0.1, 0.9, 0.29), 0.05), smooth: 0.06)
        thing.add(wax, hex(0xF5EBD3), gloss: 0.4, glow: 0.12)
        thing.add(.rod(Vector(0, 1.16, 0), Vector(0.02, 1.34, 0), 0.022), hex(0x2A2320))
        let flame = Shape.ellipsoid(0.13, 0.22, 0.13).and(
            .rod(Vector(0, 1.5, 0), Vector(0.02, 1.5, 0), 0.01).at(0, -1.5, 0)
        )
        .at(0.01, 1.52, 0).and(.rod(Vector(0.01, 1.62, 0), Vector(0.03, 1.92, 0), 0.075, 0.005), smooth: 0.12)
        thing.add(flame, hex(0xFFB62E), gloss: 0, glow: 1.6)
    }

    static let bottle = Thing { thing in
        let glass = Shape.turned(
            [(0, 0.02), (0.40, 0.02), (0.44, 0.08), (0.44, 1.12), (0.36, 1.36), (0.17, 1.58), (0.14, 1.94), (0, 1.94)],
            rounding: 0.03,
            curved: true
        )
        thing.add(glass, gloss: 0.95) { p in
            guard p.y > 0.34, p.y < 0.98 else { return hex(0x1E5B34) }
            return abs(p.y - 0.66) > 0.29 ? hex(0xB8892E) : abs(p.y - 0.66) < 0.07 ? hex(0x8C2431) : hex(0xF1E6CC)
        }
        thing.add(.cylinder(0.19, 0.045, rounding: 0.02).at(0, 1.86, 0), hex(0x1E5B34), gloss: 0.9)
        thing.add(.cylinder(0.12, 0.12, rounding: 0.03).at(0, 2.06, 0), hex(0xC49A6C), gloss: 0.1)
    }
}
