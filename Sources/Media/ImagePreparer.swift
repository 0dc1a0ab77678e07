import BlockingWork
import CVips

/// Makes inputs for the provider out of the files that people have.
///
/// The work is done on threads of its own, as many as there are processors, so that pictures neither block Swift's
/// pool nor crowd the machine: about 9 photos of 12 megapixels a second and thread, 80 to 110 MB each.
package struct ImagePreparer: Sendable {
    package let limits: ImageLimits
    private let pool: ThreadPool

    /// Makes a preparer with its own threads.
    ///
    /// - Parameters:
    ///   - threads: how many pictures are worked on at once.
    ///   - limits: what is decoded and what comes out.
    package init(threads: Int = ThreadPool.processors, limits: ImageLimits = ImageLimits()) {
        self.limits = limits
        pool = ThreadPool(threads: threads)
    }

    /// Checks a file and turns it into what the provider takes.
    ///
    /// The file is decoded completely, so a truncated or corrupt one is refused. One that already fits (format, size,
    /// upright, 8-bit sRGB or grey, a single frame) passes through byte for byte. Any other is turned upright by its
    /// EXIF orientation, converted to sRGB, scaled down to the longest side and encoded without metadata: as PNG if
    /// it is partly transparent and fits so, else on white as JPEG of quality 90, lower only if that does not fit.
    /// Of an animation the first frame counts.
    ///
    /// - Parameter file: the bytes as they lie on disk.
    /// - Returns: what to send.
    /// - Throws: ``ImageRejection`` for a file that cannot be an input, `CancellationError` when the calling task is
    ///   cancelled before the work began, ``ImageLibraryFailure`` when no picture can be worked on.
    package func prepare(_ file: [UInt8]) async throws -> PreparedImage {
        guard !file.isEmpty else { throw ImageRejection.empty }
        guard file.count <= limits.maximumFileBytes else {
            throw ImageRejection.fileTooLarge(bytes: file.count, limits: limits)
        }
        guard let format = ImageFormat(signatureOf: file) else { throw ImageRejection.notAnImage(file) }
        try ImageLibrary.start()
        let preparation = ImagePreparation(file: file, format: format, limits: limits)
        return try await pool.run {
            // libvips keeps buffers for each thread that calls it.
            defer { vips_thread_shutdown() }
            return Result { () throws(ImageRejection) in try preparation.run() }
        }.get()
    }
}
