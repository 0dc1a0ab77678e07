import Glibc

/// A path below a root that cannot leave it: folders and a name, none of them empty, `.` or `..`.
struct RelativePath {
    let folders: [String]
    let name: String

    /// Checks a path; a longest component of 255 bytes is what file systems take.
    init(_ path: String) throws(ArtifactError) {
        let components = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for component in components {
            let cause: String? =
                switch component {
                case "": "a part of the name is empty"
                case ".", "..": "it would leave its folder"
                case _ where component.utf8.contains(0): "it holds a NUL"
                case _ where component.utf8.count > 255: "a part of the name is longer than 255 bytes"
                default: nil
                }
            if let cause {
                throw ArtifactError(.invalidName, action: "use", path: path, cause: cause, cure: "choose another name")
            }
        }
        folders = Array(components.dropLast())
        name = components.last ?? ""
    }
}

extension Folder {
    /// Opens the folder that a path's file lies in, one step at a time.
    ///
    /// With a mode, folders that are missing are made; nil makes none.
    static func containing(
        _ path: RelativePath,
        below root: String,
        creating mode: mode_t?
    ) throws(SystemFailure) -> Folder {
        var folder = try Folder.open(root: root)
        for name in path.folders { folder = try folder.folder(name, creating: mode) }
        return folder
    }
}
