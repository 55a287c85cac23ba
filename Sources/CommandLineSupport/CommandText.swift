package import ArgumentParser
package import TrainingRuns

/// What libraries say, as who types commands says it.
package enum CommandText {
    /// Libraries set the name of an option in backquotes, `steps`; here it is typed as --steps. Backquotes within a word
    /// are its own: of the name of a file.
    package static func typed(_ message: String) -> String {
        message.replacing(/(^|[\s("'])`([a-z]+(?:-[a-z]+)*)`(?!\.?\w)/) { "\($0.1)--\($0.2)" }
    }

    /// For what is wrong with arguments.
    package static func validationError(_ error: any Error) -> ValidationError {
        ValidationError(Program.message(of: error))
    }

    /// Words that a user can copy and paste.
    package static func words(_ words: [OptionWord]) -> [String] {
        words.map { word in
            switch word {
            case .option(let name): "--\(name)"
            case .value(let text): text
            }
        }
    }
}

/// What a user of the commands can do about an error of a library, which knows of none.
package protocol CommandAdvice: Error {
    /// Commands to type, for brackets behind what the error says.
    var advice: String? { get }
}
