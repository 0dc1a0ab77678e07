import FoundationEssentials
import Logging
import MeshmillTerminal

/// Writes log messages to standard error: `warning: text key=value`, or one JSON object a line.
struct MessageHandler: LogHandler {
    let label: String
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        let pairs = all.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key }
        switch format {
        case .text:
            // Plain news needs no label in front of it.
            var line = event.level == .info ? "" : "\(event.level): "
            line += OneLine.text("\(event.message)")
            for (key, value) in pairs { line += " \(key)=\(OneLine.text(value))" }
            Messages.line(line)
        case .json:
            var fields: [(String, JSONValue)] = [
                ("time", .string(Date().formatted(.iso8601))), ("level", .string(event.level.rawValue)),
                ("label", .string(label)), ("message", .string("\(event.message)")),
            ]
            fields += pairs.map { ($0.key, .string($0.value)) }
            Messages.line(JSONValue.object(fields).text)
        }
    }
}
