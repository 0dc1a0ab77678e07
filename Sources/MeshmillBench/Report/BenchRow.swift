/// One line of a report: named cells in order.
package struct BenchRow: Sendable, Hashable {
    /// One cell with its column's name.
    package struct Cell: Sendable, Hashable {
        package var name: String
        package var value: BenchValue
    }

    package private(set) var cells: [Cell] = []

    package init(_ cells: (String, BenchValue)...) {
        self.cells = cells.map { Cell(name: $0.0, value: $0.1) }
    }

    /// The cell of that name; `nil` if there is none.
    package subscript(name: String) -> BenchValue? {
        cells.first { $0.name == name }?.value
    }

    package mutating func append(_ name: String, _ value: BenchValue) {
        cells.append(Cell(name: name, value: value))
    }
}
