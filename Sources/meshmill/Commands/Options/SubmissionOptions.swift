import ArgumentParser
import MeshmillCore
import MeshmillStore
import MeshmillSubmission

/// What is submitted, and how: the arguments that `run` and `submit` share.
struct SubmissionOptions: ParsableArguments {
    @Argument(help: "Images, and folders that are searched with all that is below.", completion: .file())
    var paths: [String] = []

    @Option(help: "A .csv or .jsonl file with one image a row, instead of paths.", completion: .file())
    var manifest: String?

    @Option(help: "The folder for the GLBs; it mirrors the tree of the images.", completion: .directory)
    var out: String

    @Option(help: "fast, standard or detailed.")
    var mode: JobParameters.Mode = JobParameters.providerDefaults.mode

    @Option(help: "Text that guides the mesh.")
    var prompt: String?

    @Option(help: "The same seed and image give the same mesh.")
    var seed: Int64 = JobParameters.providerDefaults.seed

    @Option(help: "Wanted triangles, 100000 to 500000.")
    var decimationTarget: Int = JobParameters.providerDefaults.decimationTarget

    @Option(help: "Texture size in pixels, 1024 to 4096.")
    var textureSize: Int = JobParameters.providerDefaults.textureSize

    @Option(help: "Who asks.")
    var tenant = "default"

    @Option(help: "-1000 to 1000; higher goes first.")
    var priority = 0

    @Option(help: "How often a job may fail by its own fault. (default: 3)")
    var maxAttempts: Int?

    @Option(help: "Most credits that the batch may spend. (default: no limit)")
    var maxCredits: Int64?

    @Option(help: "What a job does whose POST was never answered: evidence, retry, hold or fail. (default: evidence)")
    var onAmbiguous: AmbiguityPolicy?

    @Option(help: "Submit at most this many jobs.")
    var limit: Int?

    @Flag(help: "Let another image or other parameters take over an output that exists.")
    var replace = false

    @Flag(name: .customLong("dry-run"), help: "Check and prepare everything, but submit nothing.")
    var isDryRun = false

    @Flag(help: "Do not ask, however many credits it may cost.")
    var yes = false

    @Flag(help: "Write the result as a JSON object.")
    var json = false

    func validate() throws {
        guard paths.isEmpty != (manifest == nil) else {
            throw ValidationError("give either paths or --manifest FILE")
        }
        guard !paths.contains("") && manifest != "" && !out.isEmpty else { throw ValidationError("a path is empty") }
        guard NewJob.priorities.contains(priority) else {
            throw ValidationError("--priority \(priority) is not within -1000 to 1000")
        }
        guard (1...100).contains(maxAttempts ?? 1) else {
            throw ValidationError("--max-attempts \(maxAttempts ?? 0) is not within 1 to 100")
        }
        guard (maxCredits ?? 0) >= 0 else { throw ValidationError("--max-credits must not be negative") }
        guard (limit ?? 1) >= 1 else { throw ValidationError("--limit must be at least 1") }
        do { _ = try parameters } catch { throw ValidationError("\(error)") }
    }

    private var parameters: JobParameters {
        get throws(InvalidParameter) {
            try JobParameters(
                mode: mode,
                prompt: prompt,
                seed: seed,
                decimationTarget: decimationTarget,
                textureSize: textureSize
            )
        }
    }

    /// The submission that these options ask for.
    func request(_ environment: Environment) throws -> SubmissionRequest {
        SubmissionRequest(
            sources: manifest.map(SubmissionRequest.Sources.manifest) ?? .paths(paths),
            outputFolder: outputFolder(environment),
            skippedFolders: [environment.home],
            parameters: try parameters,
            priority: priority,
            limit: limit,
            replaces: replace,
            isDryRun: isDryRun
        )
    }

    /// The statement that opens the batch.
    func openBatch(_ environment: Environment) -> OpenBatch {
        OpenBatch(
            tenant: tenant,
            out: outputFolder(environment),
            maxCredits: maxCredits,
            maxAttempts: maxAttempts,
            onAmbiguous: onAmbiguous?.rawValue
        )
    }

    /// Absolute and canonical, since with the tenant it names the batch.
    func outputFolder(_ environment: Environment) -> String {
        Path.canonical(out, in: environment.workingDirectory)
    }
}

extension JobParameters.Mode: ExpressibleByArgument {}
extension AmbiguityPolicy: ExpressibleByArgument {}
