/// What the provider answers, and the record of it.
package struct Answer: Sendable {
    /// What an answer carries.
    package enum Body: Sendable, Equatable {
        case empty
        case json(JSONValue)
        /// Text of another type; `isCutOff` JSON keeps the type of JSON.
        case text(String, type: String)
        /// A GLB, made from its recipe only when it is sent.
        case mesh(MeshRecipe, assetName: String, damage: FileDamage?)
        case thumbnail(MeshRecipe)
    }

    /// HTTP status; `nil` closes the connection without an answer.
    package var status: Int?
    package var body: Body
    package var record: RequestRecord

    /// The field of a JSON body; `nil` when there is none, for tests and simulations.
    package subscript(field name: String) -> JSONValue? {
        guard case .json(.object(let members)) = body else { return nil }
        return members.first { $0.name == name }?.value
    }
}
