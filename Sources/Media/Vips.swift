import CVips

/// The image library, started once for the process.
enum Vips {
    /// Why the library could not be started; nil if it runs.
    static let startFailure: ImageLibraryFailure? = {
        guard meshmill_vips_start() != 0 else { return nil }
        return ImageLibraryFailure(detail: takeMessage() ?? "no reason given")
    }()

    /// Takes the library's messages out of its buffer; nil if there are none.
    ///
    /// The buffer is one for the process, so when two files fail within the same microseconds on two threads the
    /// messages may be swapped. They only ever stand in parentheses behind a verdict that is certain.
    static func takeMessage() -> String? {
        guard let buffer = vips_error_buffer_copy() else { return nil }
        defer { g_free(buffer) }
        // The last line is the outermost failure, the first one the cause.
        let lines = String(cString: buffer).split(separator: "\n")
        return lines.first.flatMap { PrintableText.line(String($0)) }
    }
}
