import Artifacts

extension SourceCandidate {
    /// The output named after the row's `custom_id`, such as `chairs/red.SKU-1`.
    ///
    /// `nil` when there is none, or when it is none that a part of a file name can be.
    var outputByCustomID: OutputName? {
        guard let id = template.customID, !id.isEmpty else { return nil }
        // Looked at byte by byte: to `String`, a slash with a combining mark behind it is no slash.
        guard !id.utf8.contains(UInt8(ascii: "/")), !id.utf8.contains(UInt8(ascii: "\\")) else { return nil }
        return output(adding: id)
    }

    /// The output named after what the row asks for, such as `chairs/red.9f86d081`.
    var outputByParameters: OutputName? { output(adding: template.parameters.digest) }

    private func output(adding suffix: String) -> OutputName? {
        // The ending is taken off again; without it, an id that ends in .glb would lose its own.
        try? OutputName(chosen: output.stem + "." + suffix + ".glb")
    }
}
