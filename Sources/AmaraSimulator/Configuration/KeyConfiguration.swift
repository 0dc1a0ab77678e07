import Crypto
import Foundation

/// One API key as the provider is told about it.
package struct KeyConfiguration: Sendable, Equatable {
    /// What people, logs and reports call the key; never secret.
    package var name: String
    /// The bearer token.
    package var secret: String
    /// Name of the organization that pays; it is made if no ``OrgConfiguration`` has this name.
    package var org: String
    /// POSTs per window; `nil` takes the provider's.
    package var limit: Int?
    /// Length of the window; `nil` takes the provider's.
    package var window: Duration?
    /// Credits per month; `nil` has no limit, and then answers carry no monthly numbers.
    package var monthlyLimit: Int?
    /// Credits of this month that are used already.
    package var monthlyUsed = 0
    /// When this key's month turns, from the start; `nil` is never.
    ///
    /// It turns again after each ``ProviderConfiguration/monthLength``.
    package var monthTurnsAt: Duration?
    /// Whether the key may make meshes; a key without gets 403.
    package var hasMeshgenScope = true
    /// A disabled key gets 401.
    package var isDisabled = false

    package init(name: String, secret: String, org: String) {
        self.name = name
        self.secret = secret
        self.org = org
    }

    /// The `number`th simulated key, counted from 1: its name and secret follow from number and seed alone.
    package static func simulated(_ number: Int, seed: UInt64, org: String) -> KeyConfiguration {
        let digest = SHA256.hash(data: Data("amara simulator key \(number) of seed \(seed)".utf8))
        let secret = "sk_amara_sim_" + Hexadecimal.text(digest.prefix(16))
        return KeyConfiguration(name: "sim-\(number)", secret: secret, org: org)
    }
}
