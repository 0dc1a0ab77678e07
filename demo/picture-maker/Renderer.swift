import Foundation

/// Makes a picture of a thing on a plain studio floor by marching rays, with soft shadows.
struct Renderer: Sendable {
    let thing: Thing
    let width: Int
    let height: Int
    /// Colour of floor and backdrop; nil leaves them transparent.
    let backdrop: Vector?
    /// Where the camera stands around the thing, in degrees, and how high.
    var bearing: Float = 28
    var elevation: Float = 20
    /// Samples a pixel in each direction.
    var samples = 3

    private static let centre = Vector(0, 0.98, 0)
    private static let reach: Float = 1.75
    private static let sun = normalize(Vector(-0.55, 1.0, 0.65))

    /// The picture, 4 bytes a pixel: red, green, blue, alpha.
    func pixels() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width * height * 4)
        bytes.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let buffer = buffer
            DispatchQueue.concurrentPerform(iterations: height) { y in
                for x in 0..<width {
                    let pixel = pixel(x, y)
                    for channel in 0..<4 { buffer[(y * width + x) * 4 + channel] = pixel[channel] }
                }
            }
        }
        return bytes
    }

    private func pixel(_ x: Int, _ y: Int) -> SIMD4<UInt8> {
        let turn = bearing * .pi / 180
        let rise = elevation * .pi / 180
        let away = Vector(sin(turn) * cos(rise), sin(rise), cos(turn) * cos(rise))
        let eye = Self.centre + away * 7.4
        let right = normalize(cross(Vector(0, 1, 0), away))
        let up = cross(away, right)
        let scale = Float(min(width, height)) * (height > width ? 2.45 : 2.1)
        var colour = Vector.zero
        var alpha: Float = 0
        for sample in 0..<(samples * samples) {
            let dx = (Float(sample % samples) + 0.5) / Float(samples) - 0.5
            let dy = (Float(sample / samples) + 0.5) / Float(samples) - 0.5
            let u = (Float(x) + 0.5 + dx - Float(width) / 2) / scale
            let v = (Float(height) / 2 - Float(y) - 0.5 - dy) / scale
            let seen = light(from: eye, along: normalize(right * u + up * v - away))
            colour += seen.colour * seen.alpha
            alpha += seen.alpha
        }
        let count = Float(samples * samples)
        let mean = alpha > 0 ? colour / alpha : .zero
        let channels = [mean.x, mean.y, mean.z].map { value -> UInt8 in
            // A gentle shoulder instead of clipped highlights.
            let toned = value / (1 + value * 0.18) * 1.12
            return UInt8(clamp(pow(max(toned, 0), 1 / 2.2)) * 255 + 0.5)
        }
        return SIMD4(channels[0], channels[1], channels[2], UInt8(alpha / count * 255 + 0.5))
    }

    private func light(from eye: Vector, along ray: Vector) -> (colour: Vector, alpha: Float) {
        if let hit = march(from: eye, along: ray) { return (shade(hit, ray), 1) }
        guard let backdrop else { return (.zero, 0) }
        guard ray.y < -0.02 else { return (wall(backdrop, ray), 1) }
        let point = eye + ray * (-eye.y / ray.y)
        let distance = length(point.x, point.z)
        let shadow = 0.42 + 0.58 * sunlight(at: point + Vector(0, 0.002, 0))
        let contact = 0.35 + 0.65 * occlusion(at: point, normal: Vector(0, 1, 0))
        let floor = backdrop * 0.98 * shadow * contact * (1.06 - 0.05 * distance)
        return (mix(floor, wall(backdrop, ray), smoothstep(2.5, 9, distance)), 1)
    }

    /// The backdrop, a little brighter behind the thing.
    private func wall(_ colour: Vector, _ ray: Vector) -> Vector {
        colour * (0.80 + 0.25 * smoothstep(0.25, -0.35, ray.y))
    }

    private func march(from eye: Vector, along ray: Vector) -> Vector? {
        // Only within the ball that holds the thing.
        let offset = eye - Self.centre
        let b = dot(offset, ray)
        let root = b * b - dot(offset, offset) + Self.reach * Self.reach
        guard root > 0 else { return nil }
        var t = -b - root.squareRoot()
        let end = -b + root.squareRoot()
        for _ in 0..<220 {
            let p = eye + ray * t
            let distance = thing.distance(p)
            if distance < 0.0006 { return p }
            t += distance * 0.9
            if t > end || p.y < -0.01 { return nil }
        }
        return nil
    }

    private func normal(at p: Vector) -> Vector {
        let e: Float = 0.0012
        let corners = [Vector(1, -1, -1), Vector(-1, -1, 1), Vector(-1, 1, -1), Vector(1, 1, 1)]
        return normalize(corners.reduce(Vector.zero) { $0 + $1 * thing.distance(p + $1 * e) })
    }

    private func shade(_ p: Vector, _ ray: Vector) -> Vector {
        let normal = normal(at: p)
        let part = thing.part(at: p)
        let colour = part.colour(p)
        let diffuse = max(dot(normal, Self.sun), 0) * sunlight(at: p + normal * 0.006)
        let shade = occlusion(at: p, normal: normal)
        let sky = mix(Vector(0.34, 0.31, 0.29), Vector(0.62, 0.68, 0.78), normal.y * 0.5 + 0.5) * shade
        let rim = pow(1 - max(dot(normal, -ray), 0), 3) * 0.25 * shade
        let half = normalize(Self.sun - ray)
        let sharpness = 8 + part.gloss * part.gloss * 180
        let highlight = pow(max(dot(normal, half), 0), sharpness) * part.gloss * (part.isMetal ? 2.2 : 0.9) * diffuse
        let mirror = mirrored(ray, normal) * part.gloss * shade
        let warm = Vector(1.5, 1.42, 1.28)
        if part.isMetal {
            return colour * (warm * diffuse * 0.55 + sky * 0.45 + mirror * 1.25) + colour * warm * highlight
        }
        let fresnel = 0.04 + 0.5 * pow(1 - max(dot(normal, -ray), 0), 5)
        return colour * (warm * diffuse + sky + rim + part.glow) + warm * highlight + mirror * fresnel
    }

    /// The studio as a shiny surface sees it: bright above with one soft box, dim below.
    private func mirrored(_ ray: Vector, _ normal: Vector) -> Vector {
        let bounce = ray - normal * (2 * dot(ray, normal))
        let box = smoothstep(0.82, 0.93, dot(bounce, normalize(Vector(0.75, 0.5, 0.45))))
        return Vector(0.9, 0.94, 1) * (0.18 + 0.55 * smoothstep(-0.2, 0.8, bounce.y) + box)
    }

    /// 0 in full shadow, 1 in the sun.
    private func sunlight(at p: Vector) -> Float {
        let offset = p - Self.centre
        let b = dot(offset, Self.sun)
        let root = b * b - dot(offset, offset) + Self.reach * Self.reach
        guard root > 0, -b + root.squareRoot() > 0 else { return 1 }
        var light: Float = 1
        var t: Float = max(0.01, -b - root.squareRoot())
        for _ in 0..<70 {
            let distance = thing.distance(p + Self.sun * t)
            light = min(light, 9 * distance / t)
            t += clamp(distance, 0.012, 0.25)
            if light < 0.004 || t > -b + root.squareRoot() { break }
        }
        return smoothstep(0, 1, clamp(light))
    }

    /// 1 in the open, less in corners.
    private func occlusion(at p: Vector, normal: Vector) -> Float {
        var dark: Float = 0
        var weight: Float = 1
        for step in 1...5 {
            let reach = Float(step) * 0.07
            let open = min(thing.distance(p + normal * reach), backdrop == nil ? 9 : p.y + normal.y * reach)
            dark += (reach - min(open, reach)) * weight
            weight *= 0.78
        }
        return clamp(1 - 1.15 * dark)
    }
}
