import CVips

/// The image library, libvips, as one thing of the process.
package enum ImageLibrary {
    /// Its version, like `8.14.1`.
    package static var version: String {
        (0..<3).map { String(vips_version($0)) }.joined(separator: ".")
    }

    /// Starts the library, once for the process; whoever prepares images need not call this.
    ///
    /// - Throws: why it does not start, each time.
    package static func start() throws(ImageLibraryFailure) {
        if let startFailure { throw startFailure }
    }

    /// Why the library could not be started; nil if it runs.
    ///
    /// A static constant, because Swift makes it exactly once: a second start while a picture is being worked on
    /// aborts the process (seen with 8.14.1).
    private static let startFailure: ImageLibraryFailure? = {
        guard meshmill_vips_start() != 0 else { return nil }
        return ImageLibraryFailure(detail: takeMessage() ?? "no reason given")
    }()

    /// Takes the library's messages out of its buffer; nil if there are none.
    ///
    /// The buffer is one for the process, so when two files end within the same microseconds on two threads a message
    /// may be missing or swapped. They only ever stand in parentheses behind a verdict that is certain.
    static func takeMessage() -> String? {
        guard let buffer = vips_error_buffer_copy() else { return nil }
        defer { g_free(buffer) }
        // The first line is the cause, those after it what failed in consequence. Each begins with the name of a part of
        // the library, which tells people nothing.
        guard let line = String(cString: buffer).split(separator: "\n").first else { return nil }
        let message = line.firstRange(of: ": ").map { line[$0.upperBound...] } ?? line
        return PrintableText.line(String(message))
    }

    /// Forgets what was said about a picture that came out well, lest it be told of the next one that does not.
    static func dropMessages() {
        vips_error_clear()
    }
}
