/// What a request to the simulator is for.
package enum RequestKind: String, Sendable, Codable, CaseIterable {
    /// POST: a new generation.
    case create
    /// GET with an id.
    case status
    /// GET with an id and `download=true`.
    case download
    /// GET of a `glb_url`.
    case mesh = "glb_url"
    /// GET of a `thumbnail_url`.
    case thumbnail = "thumbnail_url"
}
