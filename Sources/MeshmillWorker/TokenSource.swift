package import AmaraAPI

/// Opens the sealed secrets of keys.
package protocol TokenSource: Sendable {
    /// The secret of a key, for the `Authorization` header.
    ///
    /// - Throws: if the key is not known, or the master key does not open it.
    func token(ofKey keyID: Int64) async throws -> BearerToken
}
