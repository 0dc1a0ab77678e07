/// What a client did to the provider, judged from the log.
package struct SimulatorReport: Sendable, Codable, Equatable {
    /// One key's part.
    package struct Key: Sendable, Codable, Equatable {
        package var name: String
        package var posts = 0
        package var accepted = 0
        /// POSTs that counted in the window.
        package var counted = 0
        package var rateLimited = 0
        /// Most counted POSTs in any half-open interval of one window.
        package var mostInOneWindow = 0

        private enum CodingKeys: String, CodingKey {
            case name, posts, accepted, counted
            case rateLimited = "rate_limited"
            case mostInOneWindow = "most_in_one_window"
        }
    }

    /// Requests seen.
    package var requests = 0
    package var posts = 0
    /// POSTs that made a generation, whether or not the answer arrived.
    package var accepted = 0
    /// POSTs that were answered 429, true or invented.
    package var rateLimited = 0
    /// POSTs beyond the first that made a generation of the same image, parameters and seed.
    package var duplicates = 0
    /// Whole GLBs delivered.
    package var deliveries = 0
    /// Generations that are completed by now, but whose GLB was never delivered whole.
    package var neverDownloaded = 0
    /// Sorted by name.
    package var keys: [Key] = []
    /// Whether the judge had to forget generations, so that duplicates and downloads are lower bounds.
    package var isPartial = false

    private enum CodingKeys: String, CodingKey {
        case requests, posts, accepted, duplicates, deliveries, keys
        case rateLimited = "rate_limited"
        case neverDownloaded = "never_downloaded"
        case isPartial = "partial"
    }
}
