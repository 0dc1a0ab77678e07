/// How far each script of a play has come.
struct Cursor {
    /// Where a script is: the transaction, and the step in it.
    private struct Place {
        var transaction = 0
        var step = 0
    }

    private let scripts: [Script]
    private var places: [Place]

    init(_ scripts: [Script]) {
        self.scripts = scripts
        places = Array(repeating: Place(), count: scripts.count)
    }

    /// Whether a script has a step left.
    func hasNext(_ index: Int) -> Bool { places[index].transaction < scripts[index].transactions.count }

    /// Whether no step was taken.
    var isAtStart: Bool { places.allSatisfy { $0.transaction == 0 && $0.step == 0 } }

    /// Whether a script is between BEGIN and the end of a transaction.
    func isInTransaction(_ index: Int) -> Bool { places[index].step > 0 }

    /// Whether a script's next transaction may find nothing to do.
    func mayYield(_ index: Int) -> Bool {
        !isInTransaction(index) && scripts[index].transactions[places[index].transaction].mayYield
    }

    /// A script's next step, which is passed.
    mutating func next(_ index: Int) -> Script.Step {
        let steps = scripts[index].transactions[places[index].transaction].steps
        let step = steps[places[index].step]
        places[index].step += 1
        if places[index].step == steps.count { skip(index) }
        return step
    }

    /// Passes what is left of a script's transaction.
    mutating func skip(_ index: Int) {
        places[index] = Place(transaction: places[index].transaction + 1)
    }
}
