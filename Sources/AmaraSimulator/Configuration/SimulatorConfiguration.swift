/// How to start a simulator.
///
/// - host (default 127.0.0.1): address to listen on. Control routes answer only on loopback, whatever it is.
/// - port (default 8089): TCP port; 0 takes any free one.
/// - speed (default 1): how much faster than real time the provider runs. Windows, processing times, file lifetimes
///   and months are stated in the provider's time and divided by it; a window of 15 min at speed 60 is 15 s of real
///   time, and `retry_after_seconds` and `expires_in` are real seconds. Faults' times are real and stay.
/// - provider: keys, limits, times and faults, in the provider's time.
/// - logFile (default none): a file to which each request is appended as a line of JSON.
/// - logCapacity (default 100,000): requests that are kept in memory.
/// - maximumConnections (default 20,000): connections at a time; more wait until one closes.
package struct SimulatorConfiguration: Sendable {
    package var host = "127.0.0.1"
    package var port = 8_089
    package var speed = 1.0
    package var provider: ProviderConfiguration
    package var logFile: String?
    package var logCapacity = 100_000
    package var maximumConnections = 20_000

    package init(provider: ProviderConfiguration = ProviderConfiguration(), speed: Double = 1, port: Int = 8_089) {
        self.provider = provider
        self.speed = speed
        self.port = port
    }

    /// The length of the window in real time, which is what a client must be told.
    package var realWindow: Duration { provider.scaled(by: speed).window }

    /// What a person should know at the start, in one line: "20 keys, each 5 POSTs per 15 s of real time…".
    package var summary: String {
        let keys = "\(provider.keys.count) \(provider.keys.count == 1 ? "key" : "keys")"
        let rule = "each \(provider.limit) POSTs per \(Self.text(realWindow)) of real time"
        let origin = speed == 1 ? "" : ", \(Self.text(provider.window)) at speed \(Self.text(speed))"
        return "\(keys), \(rule) (\(provider.model.rawValue)\(origin)), seed \(provider.seed)"
    }

    private static func text(_ duration: Duration) -> String {
        text(duration.inSeconds) + " s"
    }

    /// A number without needless decimals.
    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e9 ? String(Int(number)) : String(number)
    }
}
