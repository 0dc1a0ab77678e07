/// What a finished download was; it says nothing about whether the bytes are a good file.
package struct DownloadReport: Sendable, Hashable {
    /// Bytes given to the sink.
    package let bytes: Int
    /// The answer's media type, cleaned: the provider's word, so a hint at best; `nil` without one.
    package let contentType: String?

    package init(bytes: Int, contentType: String?) {
        self.bytes = bytes
        self.contentType = contentType
    }
}
