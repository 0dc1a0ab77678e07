/// What a download may take before it is given up.
package struct DownloadLimits: Sendable, Hashable {
    /// Most bytes taken; default 512 MiB.
    package var maximumBytes: Int
    /// Time for the whole download, redirects included; default 10 min.
    package var timeout: Duration
    /// Fewest bytes a second, averaged since the body began, once ``rateGrace`` has passed; default 4 KiB/s, 0 is none.
    package var minimumBytesPerSecond: Int
    /// Time before ``minimumBytesPerSecond`` counts; default 20 s.
    package var rateGrace: Duration

    package init(
        maximumBytes: Int = 512 << 20,
        timeout: Duration = .seconds(600),
        minimumBytesPerSecond: Int = 4_096,
        rateGrace: Duration = .seconds(20)
    ) {
        self.maximumBytes = maximumBytes
        self.timeout = timeout
        self.minimumBytesPerSecond = minimumBytesPerSecond
        self.rateGrace = rateGrace
    }

    /// Bounds for a GLB.
    package static let glb = DownloadLimits()
    /// Bounds for a thumbnail: 16 MiB in 1 min.
    package static let thumbnail = DownloadLimits(maximumBytes: 16 << 20, timeout: .seconds(60))
}
