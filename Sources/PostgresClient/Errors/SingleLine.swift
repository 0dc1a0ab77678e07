extension String {
    /// The text as one harmless line: control and bidirectional characters become spaces, runs of them one space.
    ///
    /// What a server, a proxy or an extension says ends up in logs and terminals, so it is made inert once, here.
    ///
    /// At most `limit` characters are kept; a longer text ends in `…`.
    func singleLine(limit: Int = 1_000) -> String {
        var line = ""
        var pendingSpace = false
        var count = 0
        for scalar in unicodeScalars {
            if scalar == " " || scalar.isInert == false {
                pendingSpace = !line.isEmpty
                continue
            }
            if count >= limit {
                return line + "…"
            }
            if pendingSpace {
                line.unicodeScalars.append(" ")
                pendingSpace = false
                count += 1
            }
            line.unicodeScalars.append(scalar)
            count += 1
        }
        return line
    }
}

extension Unicode.Scalar {
    /// False for what can move a cursor, hide text or turn it around.
    fileprivate var isInert: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: false
        case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: false
        default: true
        }
    }
}
