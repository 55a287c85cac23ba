import ArgumentParser
package import TrainingRuns

/// The options of one section of a table as arguments of a command: parsed, completed and explained as if each were a
/// property of its own.
package struct OptionArguments<Table: OptionTable, Section: HelpSection>: ParsableArguments, CustomReflectable {
    package private(set) var given = GivenOptions<Table>()

    package init() {}

    private static var options: [any AnyRunOption<Table.Run>] {
        Table.options.filter { $0.section == Section.section }
    }

    /// The library of arguments finds what can be given by reflection.
    package var customMirror: Mirror {
        Mirror(self, children: Self.options.map { (label: $0.name, value: Self.argument(for: $0)) })
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Name.self)
        for option in Self.options {
            let name = Name(stringValue: option.name)
            if option.isFlag {
                if try values.decode(Flag<Bool>.self, forKey: name).wrappedValue { given[name: option.name] = true }
            } else if option.isRepeated {
                let parts = try values.decode(Option<[Parsed]>.self, forKey: name).wrappedValue
                let list = parts.flatMap { $0.value as? [String] ?? [] }
                if !list.isEmpty { given[name: option.name] = list }
            } else {
                given[name: option.name] = try values.decode(Option<Parsed?>.self, forKey: name).wrappedValue?.value
            }
        }
    }

    private static func argument(for option: some AnyRunOption<Table.Run>) -> Any {
        let names = NameSpecification(([option.name] + option.otherNames).map { .customLong($0) })
        let choices = option.help.choices
        let help = ArgumentHelp(
            CommandText.typed(option.help.text)
                + (choices.isEmpty ? "" : " (values: \(choices.joined(separator: ", ")))"),
            discussion: option.help.details.map(CommandText.typed), valueName: option.help.value)
        let parse: @Sendable (String) throws -> Parsed = { text in
            do { return Parsed(value: try option.parse(text)) } catch { throw CommandText.validationError(error) }
        }
        if option.isFlag { return Flag(wrappedValue: false, name: names, help: help) }
        if option.isRepeated {
            return Option<[Parsed]>(
                wrappedValue: [], name: names, parsing: .singleValue, help: help, completion: .file(), transform: parse)
        }
        return Option<Parsed?>(
            name: names, parsing: option.takesDash ? .unconditional : .next, help: help,
            completion: choices.isEmpty ? nil : .list(choices), transform: parse)
    }

    /// A value whose type only its option knows.
    private struct Parsed: Sendable {
        let value: any OptionValue
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}

extension OptionTable {
    /// What a run has of the options that apply to it, in the order of the help, as one types them.
    /// - Parameter isMeant: whether an option counts.
    package static func values(
        of run: Run, where isMeant: (any AnyRunOption<Run>) -> Bool = { _ in true }
    ) -> [(name: String, value: String)] {
        options.filter(isMeant).compactMap { option in
            let text = option.text(in: run), name = "`\(option.name)`"
            if text == name { return ("--\(option.name)", "yes") }
            if text == "no \(name)" { return ("--\(option.name)", option.isFlag ? "no" : "none") }
            // Others are said by another option.
            guard text.hasPrefix(name + " ") else { return nil }
            return ("--\(option.name)", CommandText.typed(String(text.dropFirst(name.count + 1))))
        }
    }
}

extension GivenOptions {
    /// Checks everything that can be checked without the data.
    /// - Throws: `ValidationError`
    package func validateArguments() throws {
        do { try validate() } catch { throw CommandText.validationError(error) }
    }
}

/// A heading of the help, as a type.
package protocol HelpSection: SendableMetatype { static var section: OptionSection { get } }
package enum ModelSection: HelpSection { package static let section = OptionSection.model }
package enum TrainingSection: HelpSection { package static let section = OptionSection.training }
package enum DataSection: HelpSection { package static let section = OptionSection.data }
