/// A binary heap that gives back its least element first; insertion and removal take logarithmic time.
struct MinimumHeap<Element: Comparable> {
    private var elements: [Element] = []

    var count: Int { elements.count }
    var least: Element? { elements.first }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0, elements[child] < elements[(child - 1) / 2] {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes and returns the least element; `nil` when there is none.
    @discardableResult
    mutating func removeLeast() -> Element? {
        guard let last = elements.popLast() else { return nil }
        guard let least = elements.first else { return last }
        elements[0] = last
        var parent = 0
        while true {
            var smaller = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < elements.count && elements[child] < elements[smaller] {
                smaller = child
            }
            if smaller == parent { return least }
            elements.swapAt(parent, smaller)
            parent = smaller
        }
    }
}

extension MinimumHeap: Sendable where Element: Sendable {}
