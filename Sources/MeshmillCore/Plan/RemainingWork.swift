/// What is left to do, as far as time is concerned.
package struct RemainingWork: Sendable, Hashable {
    /// Generations that are still to be asked for, each with one POST.
    package var posts: Int
    /// Jobs whose generation is under way or being downloaded.
    package var running: Int
    /// Since the last POST; `nil` when that is not known.
    package var sinceLastPost: Duration?

    package init(posts: Int, running: Int, sinceLastPost: Duration? = nil) {
        self.posts = posts
        self.running = running
        self.sinceLastPost = sinceLastPost
    }
}
