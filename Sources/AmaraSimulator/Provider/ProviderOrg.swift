/// An organization's balance.
struct ProviderOrg: Sendable {
    let name: String
    var credits: Int
}
