import AmaraSimulator
import Testing

@Suite("The seeded generator")
struct SeededGeneratorTests {
    @Test("gives the same numbers for the same seed, and others for another")
    func repeats() {
        var one = SeededGenerator(seed: 7)
        var same = SeededGenerator(seed: 7)
        var other = SeededGenerator(seed: 8)
        let numbers = (0..<8).map { _ in one.next() }
        #expect(numbers == (0..<8).map { _ in same.next() })
        #expect(numbers != (0..<8).map { _ in other.next() })
    }
}
