/// A whole number in JSON; an error names its field, which Foundation's own does not for a fraction.
struct WholeNumber: Decodable {
    let value: Int64

    init(from decoder: any Decoder) throws {
        do {
            value = try decoder.singleValueContainer().decode(Int64.self)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a whole number", underlyingError: error)
            )
        }
    }
}
