import Foundation
import Synchronization

/// A program that a case starts, with its output in files; killed if it is still there at the end of `body`.
struct ChildProcess: Sendable {
    let processID: Int
    private let end: Ending
    private let outputPath: String
    private let errorPath: String

    /// How it ended, once it has.
    private final class Ending: Sendable {
        let status = Mutex<Int32?>(nil)
    }

    /// Starts a program, runs `body` with it, and kills it if `body` has not ended it.
    static func with<Value>(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        in bench: Workbench,
        _ body: (ChildProcess) async throws -> Value
    ) async throws -> Value {
        let stem = bench.folder + "/child-\(UInt64.random(in: 0 ... .max))"
        let (output, error) = (stem + ".out", stem + ".err")
        for path in [output, error] { try Data().write(to: URL(filePath: path)) }
        guard let outputHandle = FileHandle(forWritingAtPath: output),
            let errorHandle = FileHandle(forWritingAtPath: error)
        else { throw BenchError("\(stem): cannot be written") }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LOG_LEVEL": "warning"]
            .merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: bench.folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = outputHandle
        process.standardError = errorHandle
        let end = Ending()
        process.terminationHandler = { ended in
            let status = ended.terminationReason == .exit ? ended.terminationStatus : 128 + ended.terminationStatus
            end.status.withLock { $0 = status }
        }
        try process.run()
        let child = ChildProcess(
            processID: Int(process.processIdentifier),
            end: end,
            outputPath: output,
            errorPath: error
        )
        defer { child.signal(SIGKILL) }
        return try await body(child)
    }

    /// Runs a program to its end.
    ///
    /// - Throws: ``BenchError`` with its last words unless it exits with one of `expected`.
    @discardableResult
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        expected: Set<Int32> = [0],
        in bench: Workbench
    ) async throws -> String {
        try await with(program, arguments, environment: environment, in: bench) { child in
            let status = try await child.wait()
            guard expected.contains(status) else {
                let words = child.errors.isEmpty ? child.output : child.errors
                throw BenchError("\(program) \(arguments.first ?? "") ended with \(status): \(words.suffix(400))")
            }
            return child.output
        }
    }

    /// What it has written so far.
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }
    /// Its exit status, or 128 and the signal's number; `nil` while it runs.
    var status: Int32? { end.status.withLock { $0 } }

    func signal(_ number: Int32) {
        if status == nil { kill(pid_t(processID), number) }
    }

    /// Waits for its end.
    @discardableResult
    func wait() async throws -> Int32 {
        while true {
            if let status { return status }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits for its first line.
    func firstLine() async throws -> String {
        while true {
            if let end = output.firstIndex(of: "\n") { return String(output[..<end]) }
            if let status { throw BenchError("it ended with \(status): \(errors.suffix(400))") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
