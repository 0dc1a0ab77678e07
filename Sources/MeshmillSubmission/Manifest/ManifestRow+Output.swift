import Artifacts

extension ManifestRow {
    /// Where the row's results go, below the batch's output folder.
    ///
    /// Without an `out`, an image below the manifest's folder is mirrored; of any other, the last component counts.
    ///
    /// - Throws: ``InvalidParameter`` when `out` is no plain path below the output folder; an `ArtifactError` when the
    ///   image's name is none that a result can have.
    func output() throws -> OutputName {
        guard let out else { return try OutputName(source: mirrored) }
        // Looked at byte by byte: to `String`, a slash with a combining mark behind it is no slash.
        let components = out.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for component in components where ["", ".", ".."].contains(where: { component.elementsEqual($0.utf8) }) {
            throw InvalidParameter("out", "is not a path below the output folder, such as chairs/red.glb")
        }
        guard Printable.isPrintable(out) else { throw InvalidParameter("out", "contains a control character") }
        return try OutputName(chosen: out)
    }

    private var mirrored: String {
        let components = FilePath.components(of: image).filter { !$0.utf8.elementsEqual(".".utf8) }
        let isBelow = !FilePath.isAbsolute(image) && !components.contains(where: FilePath.isParent)
        return isBelow ? components.joined(separator: "/") : FilePath.lastComponent(image)
    }
}
