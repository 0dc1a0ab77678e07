/// Why a simulator cannot be started as configured; the description names the setting, the cause and the cure.
package struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
