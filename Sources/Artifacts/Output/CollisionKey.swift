/// What is left of a path once case and Unicode form no longer count: equal keys are one file somewhere.
///
/// Canonical equivalence (a letter with a combining accent and the composed letter) comes from Swift's own comparison
/// of strings; case is folded letter by letter, through upper case so that `ς` meets `σ` and `ſ` meets `s`. Foldings
/// that change the length (`ß`, `ss`) are left out: no common file system makes them one, and refusing would be wrong.
package struct CollisionKey: Hashable {
    private let folded: String

    package init(_ path: String) {
        // Plain names, which is most of them, need no tables.
        if path.utf8.allSatisfy({ $0 < 0x80 }) {
            folded = path.lowercased()
            return
        }
        var text = ""
        for scalar in path.unicodeScalars {
            let upper = scalar.properties.uppercaseMapping.unicodeScalars
            let base = upper.count == 1 ? upper.first ?? scalar : scalar
            text += base.properties.lowercaseMapping
        }
        folded = text
    }
}
