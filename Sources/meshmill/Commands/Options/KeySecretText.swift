import MeshmillCore

/// One secret, from standard input or a file.
enum KeySecretText {
    /// Reads the secret and asks for it where somebody types.
    ///
    /// - Throws: ``Failure`` with exit 64 if there is not exactly one secret, 74 if it cannot be read.
    static func read(_ file: String?) throws -> Secret {
        if file == nil, Terminal.canAsk { Messages.line("secret, then Ctrl-D:") }
        let text = try InputFile.text(file ?? "-", maximumBytes: 1 << 20)
        let lines = text.split(whereSeparator: \.isWhitespace)
        guard lines.count == 1, let secret = lines.first.map(String.init), KeyLimits.isSecret(secret) else {
            throw Failure(.usage, "\(file ?? "standard input") is not one secret; give nothing else")
        }
        return Secret(secret)
    }
}
