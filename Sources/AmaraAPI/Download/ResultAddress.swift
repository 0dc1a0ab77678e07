import FoundationEssentials

/// A URL that may be fetched: checked before anything is sent, and again at every redirect.
struct ResultAddress: Sendable {
    let url: String
    let origin: Origin

    /// Takes the API's own download URL, which needs no check.
    init(ownDownloadOf generationID: String, _ configuration: AmaraClientConfiguration) {
        url = configuration.address.download(of: generationID)
        origin = configuration.address.origin
    }

    /// Checks a URL that the provider named.
    ///
    /// Plain `http` is taken only if the base URL is plain `http` itself, which is this machine or the user's own word (`MESHMILL_INSECURE`).
    /// A name's addresses are checked when the connection is open.
    ///
    /// - Throws: `forbiddenURL`, without the URL in the message, since its query may be a credential.
    init(_ text: String, _ configuration: AmaraClientConfiguration) throws(AmaraError) {
        guard text.utf8.count <= 4_096, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let url = URL(string: text), let origin = Origin(url), url.user == nil, url.password == nil
        else {
            throw AmaraError(.forbiddenURL, "the provider's URL is no plain http or https URL; the result is refused")
        }
        try Self.check(origin, configuration)
        // The text goes to the HTTP client as it is, and is read there by the same parser.
        self.url = text
        self.origin = origin
    }

    /// Where a redirect leads from here.
    ///
    /// - Throws: `forbiddenRedirect`.
    func following(_ location: String?, _ configuration: AmaraClientConfiguration) throws(AmaraError) -> ResultAddress {
        guard let location, location.utf8.count <= 4_096,
            let target = URL(string: location, relativeTo: URL(string: url))?.absoluteURL
        else { throw AmaraError(.forbiddenRedirect, "a redirect without a usable Location; the result is refused") }
        do {
            return try ResultAddress(target.absoluteString, configuration)
        } catch {
            throw AmaraError(.forbiddenRedirect, "redirected to a forbidden place: " + error.message)
        }
    }

    private static func check(_ origin: Origin, _ configuration: AmaraClientConfiguration) throws(AmaraError) {
        let own = configuration.address.origin
        let host = CleanedText.clean(origin.host, limit: 100)
        guard origin.scheme == "https" || own.scheme == "http" else {
            throw AmaraError(.forbiddenURL, "the URL at \(host) is plain http; results are fetched by https only")
        }
        guard origin.host != own.host else { return }
        if let hosts = configuration.resultHosts, !hosts.contains(origin.host) {
            throw AmaraError(
                .forbiddenURL,
                "the host \(host) is not among the allowed result hosts; add it to allow it"
            )
        }
        let isPublic = IPAddress(origin.host)?.isPublic ?? true
        guard isPublic, !origin.isLoopback else {
            throw AmaraError(.forbiddenURL, "the host \(host) is not on the public internet; the result is refused")
        }
    }
}
