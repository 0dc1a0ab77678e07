/// One server to try, as libpq's keywords and values.
struct ConnectionTarget: Sendable, Equatable {
    /// libpq's parameters; those not given come from the environment.
    ///
    /// May hold a password.
    var parameters: [String: String]

    /// How long this server may take, if the connection string says.
    var timeout: Duration?

    /// Where it is, for messages: a host, a socket folder, or libpq's default.
    var place: String {
        let host = parameters["host"] ?? parameters["hostaddr"] ?? ""
        let port = parameters["port"].map { ":\($0)" } ?? ""
        return host.isEmpty ? "libpq's default server" : host + port
    }
}
