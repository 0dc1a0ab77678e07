/// What a picture may be when it comes in, and what it must be when it goes out.
package struct ImageLimits: Sendable, Hashable {
    /// Longest side of a prepared image, in pixels; larger ones are scaled down.
    package var longestSide: Int
    /// Largest prepared image, in bytes.
    package var maximumBytes: Int
    /// Most pixels that are decoded; a file that announces more is refused unread.
    package var maximumPixels: Int
    /// Most pixels that are worked on for one file, over all the scans of a JPEG.
    ///
    /// Twenty passes over the largest picture; a smaller one may have more, as many as any camera writes.
    var maximumWork: Int {
        let (work, overflow) = maximumPixels.multipliedReportingOverflow(by: 20)
        return overflow ? .max : work
    }
    /// Largest file that is worth reading, in bytes.
    package var maximumFileBytes: Int

    /// The provider's limits, and ours against decompression bombs.
    ///
    /// 2,250,000 bytes are the 3,000,000 base64 characters that the provider takes. 100 megapixels take about 3 s to
    /// decode and, in the worst case (an interlaced 16-bit PNG), 800 MB.
    ///
    /// Source: the reference, "Image Requirements".
    package init(
        longestSide: Int = 1_024,
        maximumBytes: Int = 2_250_000,
        maximumPixels: Int = 100_000_000,
        maximumFileBytes: Int = 200_000_000
    ) {
        precondition(longestSide > 0 && maximumBytes > 0 && maximumPixels > 0 && maximumFileBytes > 0)
        self.longestSide = longestSide
        self.maximumBytes = maximumBytes
        self.maximumPixels = maximumPixels
        self.maximumFileBytes = maximumFileBytes
    }
}
