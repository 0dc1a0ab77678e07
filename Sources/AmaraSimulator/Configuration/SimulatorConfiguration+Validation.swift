extension SimulatorConfiguration {
    /// Longest time that any setting may name, in the provider's time or in real time: ten years.
    private static let longestTime = Duration.seconds(10 * 366 * 86_400)

    /// Checks every setting that a person can get wrong.
    ///
    /// - Throws: the first problem found.
    package func validate() throws(ConfigurationProblem) {
        try require((0...65_535).contains(port), "port \(port) is no TCP port; use 0 to 65535")
        try require((0.001...1_000_000).contains(speed), "speed \(speed) is out of range; use 0.001 to 1000000")
        try require(logCapacity > 0, "log capacity \(logCapacity) keeps no request; use 1 or more")
        try require(maximumConnections > 0, "maximum connections \(maximumConnections) admits none; use 1 or more")
        try validateKeys()
        try validateTimes()
        try require(provider.concurrency > 0, "concurrency \(provider.concurrency) serves nobody; use 1 or more")
        try require(
            (1...10_000_000).contains(provider.maximumGenerations),
            "maximum generations \(provider.maximumGenerations) is out of range; use 1 to 10000000"
        )
    }

    private func validateKeys() throws(ConfigurationProblem) {
        try require(!provider.keys.isEmpty, "no keys: nobody could use the simulator; give it at least one")
        var names: Set<String> = []
        var secrets: Set<String> = []
        for key in provider.keys {
            try require(names.insert(key.name).inserted, "key name \(key.name) is used twice; rename one")
            try require(!key.secret.isEmpty, "key \(key.name) has an empty secret; give it one")
            try require(secrets.insert(key.secret).inserted, "key \(key.name) repeats another's secret; change one")
            try validate(limit: key.limit ?? provider.limit, window: key.window ?? provider.window, of: key.name)
        }
    }

    private func validate(limit: Int, window: Duration, of key: String) throws(ConfigurationProblem) {
        try require(
            WindowModel.limits.contains(limit),
            "key \(key): limit \(limit) is out of range; use 1 to 1000000"
        )
        let real = window / speed
        try require(
            WindowModel.windows.contains(real),
            "key \(key): a window of \(real) of real time is out of range; use 1 ms to 30 days"
        )
    }

    private func validateTimes() throws(ConfigurationProblem) {
        let allowed = Duration.zero...Self.longestTime
        let times: [(String, Duration)] = [
            ("fast mode", provider.times.fast.upperBound), ("fast mode", provider.times.fast.lowerBound),
            ("standard mode", provider.times.standard.upperBound),
            ("standard mode", provider.times.standard.lowerBound),
            ("detailed mode", provider.times.detailed.upperBound),
            ("detailed mode", provider.times.detailed.lowerBound),
            ("file lifetime", provider.fileLifetime), ("month", provider.monthLength),
            ("limiter granularity", provider.limiterGranularity),
        ]
        for (name, time) in times {
            try require(
                allowed.contains(time) && allowed.contains(time / speed),
                "time of \(name), \(time), is out of range; use 0 to 10 years"
            )
        }
    }

    private func require(_ holds: Bool, _ problem: @autoclosure () -> String) throws(ConfigurationProblem) {
        if !holds { throw ConfigurationProblem(problem()) }
    }
}
