import ArgumentParser

@main
struct Meshmill: AsyncParsableCommand {
    mutating func run() async throws {}
}
