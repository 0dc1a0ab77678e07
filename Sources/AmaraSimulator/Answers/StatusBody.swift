/// The bodies of status answers.
///
/// Source: the reference, "Check Status".
enum StatusBody {
    static func queued(_ id: String, position: Int, total: Int) -> JSONValue {
        [
            "generation_id": .string(id),
            "status": "queued",
            "queue_position": .integer(Int64(position)),
            "total_in_queue": .integer(Int64(total)),
        ]
    }

    static func processing(_ id: String, progress: Int, total: Int) -> JSONValue {
        [
            "generation_id": .string(id),
            "status": "processing",
            "progress": .integer(Int64(progress)),
            "current_step": .string(step(at: progress)),
            "queue_position": 1,
            "total_in_queue": .integer(Int64(total)),
        ]
    }

    static func completed(_ generation: Generation, glb: String, thumbnail: String, expiresIn: Int64) -> JSONValue {
        [
            "generation_id": .string(generation.id),
            "status": "completed",
            "glb_url": .string(glb),
            "thumbnail_url": .string(thumbnail),
            "asset_name": .string(generation.assetName),
            "expires_in": .integer(expiresIn),
        ]
    }

    /// A failed generation; `refunded` is `nil` when the flag is left out.
    static func failed(_ id: String, refunded: Bool?) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "generation_id", value: .string(id)),
            .init(name: "status", value: "failed"),
            .init(name: "error", value: "Generation failed"),
        ]
        if let refunded { members.append(.init(name: "credits_refunded", value: .bool(refunded))) }
        return .object(members)
    }

    /// What the backend is doing at a percentage; only "Generating mesh" is from the reference.
    private static func step(at progress: Int) -> String {
        switch progress {
        case ..<10: "Preparing image"
        case ..<70: "Generating mesh"
        case ..<95: "Baking textures"
        default: "Exporting GLB"
        }
    }
}
