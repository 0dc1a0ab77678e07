extension ManifestRow {
    /// A row from the fields of a CSV record; an empty field says nothing.
    ///
    /// - Parameters:
    ///   - values: as many as there are columns.
    ///   - columns: what each value is.
    /// - Throws: ``InvalidParameter`` for a number that is none.
    init(values: [String], columns: [ManifestField]) throws(InvalidParameter) {
        for (column, value) in zip(columns, values) where !value.isEmpty {
            switch column {
            case .image: image = value
            case .customID: customID = value
            case .prompt: prompt = value
            case .mode: mode = value
            case .seed: seed = try Self.number(value, column)
            case .decimationTarget: decimationTarget = try Self.number(value, column)
            case .textureSize: textureSize = try Self.number(value, column)
            case .priority: priority = try Self.number(value, column)
            case .out: out = value
            }
        }
    }

    private static func number<Number: FixedWidthInteger>(
        _ text: String,
        _ field: ManifestField
    ) throws(InvalidParameter) -> Number {
        guard let number = Number(text) else {
            throw InvalidParameter(field.rawValue, "\"\(Printable.name(text))\" is not a whole number")
        }
        return number
    }
}
