/// The fields of a POST's JSON body, before any is checked.
///
/// Source: the reference, "Create Generation". Unknown fields are ignored, as web services do.
struct RequestFields: Decodable {
    var image: String?
    var mode: String?
    var prompt: String?
    var seed: WholeNumber?
    var decimationTarget: WholeNumber?
    var textureSize: WholeNumber?

    private enum CodingKeys: String, CodingKey {
        case image, mode, prompt, seed
        case decimationTarget = "decimation_target"
        case textureSize = "texture_size"
    }
}
