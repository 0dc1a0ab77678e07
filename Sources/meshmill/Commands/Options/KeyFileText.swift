import AmaraSimulator
import Glibc
import MeshmillCore

/// The simulator's keys as a key file, with their limits and windows in real time.
struct KeyFileText {
    let text: String

    init(_ configuration: SimulatorConfiguration) {
        let provider = configuration.provider.scaled(by: configuration.speed)
        var lines = ["secret,name,org,monthly_limit,rate_limit,rate_window"]
        for key in provider.keys {
            let window = key.window ?? provider.window
            let fields = [
                key.secret, key.name, key.org, key.monthlyLimit.map(String.init) ?? "",
                "\(key.limit ?? provider.limit)", DurationText.format(window),
            ]
            lines.append(fields.joined(separator: ","))
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// Writes the file, readable by this account only; one that is there is replaced.
    ///
    /// - Throws: ``Failure`` with exit 74.
    func write(to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        var problem: Int32? = errno
        if descriptor >= 0 {
            problem = Output.write(Array(text.utf8), to: descriptor)
            close(descriptor)
        }
        guard let problem else { return }
        throw Failure(.inputOutput, "cannot write the key file \(path): \(String(cString: strerror(problem)))")
    }
}
