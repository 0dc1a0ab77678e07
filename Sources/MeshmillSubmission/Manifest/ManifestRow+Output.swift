extension ManifestRow {
    /// Bytes that a stated component may have; 255 is what file systems take, less what part files add to a name.
    private static let maximumComponentBytes = 200

    /// Where the row's mesh goes, below the batch's output folder.
    ///
    /// Without an `out`, an image below the manifest's folder is mirrored; any other gives its last component alone.
    ///
    /// - Throws: ``InvalidParameter`` when `out` is no plain path below the output folder.
    func output() throws(InvalidParameter) -> String {
        guard let out else { return MeshName.mirroring(mirrored) }
        guard !FilePath.isAbsolute(out) else { throw Self.invalidOut("is absolute; it starts at the output folder") }
        guard Printable.isPrintable(out) else { throw Self.invalidOut("contains a control character") }
        // Empty components are kept, so that a slash at the end is seen.
        let components = out.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for component in components {
            guard !component.isEmpty, !component.elementsEqual(".".utf8), !component.elementsEqual("..".utf8) else {
                throw Self.invalidOut("has an empty component, \".\" or \"..\"")
            }
            guard component.count <= Self.maximumComponentBytes else {
                throw Self.invalidOut("has a component of more than \(Self.maximumComponentBytes) bytes")
            }
        }
        return out.lowercased().hasSuffix(".glb") ? out : out + ".glb"
    }

    private var mirrored: String {
        let components = FilePath.components(of: image).filter { !$0.utf8.elementsEqual(".".utf8) }
        let isBelow = !FilePath.isAbsolute(image) && !components.contains(where: FilePath.isParent)
        return isBelow ? components.joined(separator: "/") : FilePath.lastComponent(image)
    }

    private static func invalidOut(_ problem: String) -> InvalidParameter { InvalidParameter("out", problem) }
}
