/// What a completed generation's status says; the URLs and the name are the provider's words, so hostile.
package struct CompletedGeneration: Sendable, Hashable {
    /// Where the GLB is for ``expiresIn`` seconds; `nil` when not given: use the API's own download.
    package let glbURL: String?
    package let thumbnailURL: String?
    /// Cleaned; for showing only, never a path.
    package let assetName: String?
    /// Seconds until ``glbURL`` expires, 0 to a year; `nil` when not given or no number.
    package let expiresIn: Double?

    package init(glbURL: String?, thumbnailURL: String?, assetName: String?, expiresIn: Double?) {
        self.glbURL = glbURL
        self.thumbnailURL = thumbnailURL
        self.assetName = assetName
        self.expiresIn = expiresIn
    }
}
