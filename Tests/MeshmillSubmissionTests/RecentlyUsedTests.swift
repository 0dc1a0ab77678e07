import Testing

@testable import MeshmillSubmission

@Suite("What was used recently")
struct RecentlyUsedTests {
    @Test("the last keys that were used are there, and never more than twice as many")
    func forgetsTheRest() {
        var memory = RecentlyUsed<Int, Int>(capacity: 10)
        for key in 0..<1_000 {
            memory.insert(key * 2, for: key)
            #expect(memory.count <= 20)
            #expect(memory.value(for: 0) == 0, "a key in use is kept")
        }
        for key in 991..<1_000 { #expect(memory.value(for: key) == key * 2) }
        #expect(memory.value(for: 500) == nil)
    }

    @Test("a new value takes the place of the old one")
    func replaces() {
        var memory = RecentlyUsed<Int, Int>(capacity: 1)
        memory.insert(1, for: 7)
        memory.insert(2, for: 8)
        memory.insert(3, for: 7)
        #expect(memory.value(for: 7) == 3)
        #expect(memory.count <= 2)
    }
}
