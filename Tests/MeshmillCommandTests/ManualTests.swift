import Foundation
import Subprocess
import Testing

@Suite("What the program tells of itself: manual page and shell completion")
struct ManualTests {
    @Test("the manual page has every command and every variable of the README, and groff finds nothing wrong with it")
    func manual() async throws {
        try await Workplace.with { place async throws in
            let page = try await place.run("manual")
            #expect(page.status == 0 && page.output.hasPrefix(".TH MESHMILL 1 "), "\(page.messages)")
            for heading in [".SH NAME", ".SH SYNOPSIS", ".SH COMMANDS", ".SH \"EXIT STATUS\"", ".SH ENVIRONMENT"] {
                #expect(page.lines.contains(heading))
            }
            for command in ["run", "keys move\\-quota", "jobs why", "tenants set", "top", "bench"] {
                #expect(page.lines.contains { $0.hasPrefix(".SS \"meshmill \(command)") }, "\(command)")
            }
            let readme = try String(contentsOfFile: Self.package + "/README.md", encoding: .utf8)
            let variables = readme.matches(of: /`((MESHMILL|AMARA|LOG)_[A-Z_]+)`/).map { String($0.1) }
            #expect(variables.count > 10)
            for variable in Set(variables) { #expect(page.lines.contains(".B \(variable)"), "\(variable)") }
            try place.write("meshmill.1", page.output.utf8)
            let groff = try await shell("command -v groff >/dev/null || exit 0; groff -man -ww -z meshmill.1", place)
            #expect(groff.status == 0 && groff.messages.isEmpty, "\(groff.messages)")
        }
    }

    @Test("bash completes commands, their options and the words that an option takes")
    func bash() async throws {
        try await Workplace.with { place async throws in
            let script = try await place.run("--generate-completion-script", "bash")
            #expect(script.status == 0, "\(script.messages)")
            try place.write("completion", script.output.utf8)
            func words(_ line: String...) async throws -> Set<Substring> {
                let list = (["meshmill"] + line).map { "'\($0)'" }.joined(separator: " ")
                let result = try await shell(
                    """
                    set -u; source ./completion
                    COMP_WORDS=(\(list)); COMP_CWORD=\(line.count); COMP_LINE="${COMP_WORDS[*]}"
                    COMP_POINT=${#COMP_LINE}; COMPREPLY=()
                    _meshmill meshmill "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                    printf '%s\\n' "${COMPREPLY[@]}"
                    """,
                    place
                )
                #expect(result.messages.isEmpty, "\(result.messages)")
                return Set(result.output.split(separator: "\n"))
            }
            #expect(try await words("pla") == ["plan"])
            #expect(try await words("keys", "move") == ["move-quota"])
            #expect(try await words("plan", "--dead").contains("--deadline"))
            #expect(try await words("plan", "--mode", "") == ["fast", "standard", "detailed"])
        }
    }

    @Test(
        "there is a script for each shell, which the shell itself can read where it is installed",
        arguments: ["bash", "zsh", "fish"]
    )
    func scripts(shell name: String) async throws {
        try await Workplace.with { place async throws in
            let script = try await place.run("--generate-completion-script", name)
            #expect(script.status == 0 && script.output.contains("move-quota"), "\(script.messages)")
            try place.write("completion", script.output.utf8)
            let check = try await shell("command -v \(name) >/dev/null || exit 0; \(name) -n completion", place)
            #expect(check.status == 0 && check.messages.isEmpty, "\(check.messages)")
        }
    }

    @Test("an installation has the program, its manual page and completion for three shells")
    func installs() async throws {
        try await Workplace.with { place async throws in
            let result = try await shell(
                "'\(Self.package)/scripts/install' '\(Workplace.program)' there && find there -type f -size +0 | sort",
                place
            )
            #expect(result.status == 0, "\(result.messages)")
            #expect(
                result.lines.dropFirst() == [
                    "there/bin/meshmill", "there/share/bash-completion/completions/meshmill",
                    "there/share/fish/vendor_completions.d/meshmill.fish", "there/share/man/man1/meshmill.1",
                    "there/share/zsh/site-functions/_meshmill",
                ]
            )
        }
    }

    /// The folder of the package.
    private static let package = String(
        #filePath.prefix(upTo: #filePath.range(of: "/Tests/")?.lowerBound ?? #filePath.endIndex)
    )

    private func shell(_ script: String, _ place: Workplace) async throws -> CommandResult {
        let result = try await Subprocess.run(
            .name("bash"),
            arguments: ["-c", "cd '\(place.folder)' && " + script],
            input: .none,
            output: .string(limit: 4 << 20),
            error: .string(limit: 1 << 20)
        )
        return CommandResult(
            status: Workplace.number(result.terminationStatus),
            output: result.standardOutput,
            messages: result.standardError
        )
    }
}
