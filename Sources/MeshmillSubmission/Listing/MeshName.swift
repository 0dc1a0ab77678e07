/// Where a source's mesh goes unless a manifest says so.
enum MeshName {
    static func mirroring(_ path: String) -> String { path + ".glb" }
}
