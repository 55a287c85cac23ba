package import ArgumentParser
import FileTrees
import Foundation

/// `manual`: what `scripts/install` puts where `man` finds it. The pages say what `--help` says.
package struct ManualCommand<Root: ParsableCommand>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "manual", abstract: "Print a page for man; without a name, which pages there are.",
            shouldDisplay: false)
    }

    @Argument(help: "The page.")
    var page: String?

    package init() {}

    package func run() throws {
        let pages = try ManualPage.all(of: Root.self), output = StandardOutput()
        if let page {
            guard let found = pages.first(where: { $0.name == page }) else {
                throw ValidationError("there is no page '\(page)': \(pages.map(\.name).joined(separator: ", "))")
            }
            try output.write(found.text)
        } else {
            for page in pages { try output.line(page.name) }
        }
        try output.flush()
    }
}

/// A page of a program's manual, in the language of `man`.
struct ManualPage {
    /// "charnn", "charnn-train".
    let name: String
    private let command: DescribedCommand
    private let program: String
    private let version: String
    private let others: [(name: String, abstract: String)]

    /// Of the program, and of each of its commands.
    static func all(of root: (some ParsableCommand).Type) throws -> [ManualPage] {
        let whole = try DescribedCommand(root), version = root.configuration.version
        let commands = (whole.subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
        let list = commands.map { ("\(whole.commandName)-\($0.commandName)", $0.abstract ?? "") }
        return [
            ManualPage(
                name: whole.commandName, command: whole, program: whole.commandName, version: version, others: list)
        ]
            + zip(list, commands).map {
                ManualPage(name: $0.0, command: $1, program: whole.commandName, version: version, others: [])
            }
    }

    var text: String {
        var lines = [".TH \(Self.escaped(name.uppercased())) 1 \"\" \"\(Self.escaped("\(program) \(version)"))\" \"\""]
        lines += [".SH NAME", "\(Self.escaped(name)) \\- \(Self.escaped(command.abstract ?? ""))"]
        lines += [".SH SYNOPSIS", synopsis]
        if let discussion = command.discussion { lines += [".SH DESCRIPTION"] + Self.body(discussion) }
        for section in sections {
            lines.append(".SH \(Self.escaped(section.title.uppercased()))")
            for argument in section.arguments { lines += entry(argument.label) + Self.body(argument.text) }
        }
        if !others.isEmpty { lines.append(".SH COMMANDS") }
        for other in others { lines += entry("\\fB\(Self.escaped(other.name))\\fR(1)") + Self.body(other.abstract) }
        if others.isEmpty { lines += [".SH SEE ALSO", "\\fB\(Self.escaped(program))\\fR(1)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// As the help has them, each once.
    private var sections: [(title: String, arguments: [DescribedArgument])] {
        var sections: [(title: String, arguments: [DescribedArgument])] = []
        for argument in (command.arguments ?? []) where argument.shouldDisplay != false {
            let title = argument.sectionTitle ?? (argument.kind == "positional" ? "Arguments" : "Options")
            if let index = sections.firstIndex(where: { $0.title == title }) {
                sections[index].arguments.append(argument)
            } else {
                sections.append((title, [argument]))
            }
        }
        return sections
    }

    private var synopsis: String {
        let words = name == program ? [program, "command"] : [program, command.commandName]
        let positional = (command.arguments ?? []).filter { $0.kind == "positional" && $0.shouldDisplay != false }
        let rest = positional.map { argument in
            let name =
                "\\fI\(Self.escaped(argument.valueName ?? ""))\\fR" + (argument.isRepeating == true ? " ..." : "")
            return argument.isOptional == true ? "[\(name)]" : name
        }
        return (["\\fB\(Self.escaped(words.joined(separator: " ")))\\fR", "[\\fIoptions\\fR]"] + rest)
            .joined(separator: " ")
    }

    private func entry(_ label: String) -> [String] { [".TP", label] }

    /// Paragraphs; lines that begin with blanks stay as they are.
    private static func body(_ text: String) -> [String] {
        var lines: [String] = [], isExample = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isIndented = line.hasPrefix("  ")
            if isIndented != isExample { lines.append(isIndented ? ".nf" : ".fi") }
            isExample = isIndented
            lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
        }
        return isExample ? lines + [".fi"] : lines
    }

    /// What `man` would take for its own is spelled out.
    static func escaped(_ text: String) -> String {
        let spelled = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\"", with: "\\(dq")
            .replacing("'", with: "\\(aq")
        return spelled.hasPrefix(".") ? "\\&" + spelled : spelled
    }
}

/// What the library of arguments says of a command, as far as pages show it.
private struct DescribedCommand: Decodable {
    var commandName: String
    var shouldDisplay: Bool?
    var abstract: String?
    var discussion: String?
    var subcommands: [DescribedCommand]?
    var arguments: [DescribedArgument]?

    init(_ root: (some ParsableCommand).Type) throws {
        var text = ""
        do {
            _ = try root.parseAsRoot(["--experimental-dump-help"])
        } catch {
            text = root.fullMessage(for: error)
        }
        self = try JSONDecoder().decode(DescribedProgram.self, from: Data(text.utf8)).command
    }
}

private struct DescribedProgram: Decodable {
    var command: DescribedCommand
}

private struct DescribedArgument: Decodable {
    struct Name: Decodable {
        var kind: String
        var name: String
    }

    var kind: String
    var shouldDisplay: Bool?
    var sectionTitle: String?
    var isOptional: Bool?
    var isRepeating: Bool?
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?
    var discussion: String?

    /// In bold as it is typed, in italics what stands for something.
    var label: String {
        let value = valueName.map { "\\fI\(ManualPage.escaped($0))\\fR" }
        guard kind != "positional" else { return value ?? "" }
        let typed = (names ?? []).map {
            "\\fB\(ManualPage.escaped(($0.kind == "long" ? "--" : "-") + $0.name))\\fR"
        }.joined(separator: ", ")
        return kind == "option" ? typed + (value.map { " " + $0 } ?? "") : typed
    }

    var text: String {
        let isSaid = defaultValue.map { $0.isEmpty || kind == "flag" } ?? true
        return [abstract, isSaid ? nil : defaultValue.map { "(default: \($0))" }, discussion].compactMap(\.self)
            .joined(separator: " ")
    }
}
