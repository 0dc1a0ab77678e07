import ArgumentParser
import MeshmillCore

/// A cap of credits a month: a number, or `none`.
struct MonthlyLimit: ExpressibleByArgument {
    /// Nil is no cap.
    let credits: Int64?

    init?(argument: String) {
        if argument == "none" {
            credits = nil
        } else {
            guard let number = Int64(argument), (0...KeyLimits.maximumCredits).contains(number) else { return nil }
            credits = number
        }
    }
}
