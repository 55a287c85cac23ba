import ArgumentParser
import Autoencoders
import CommandLineSupport
import DrawnDigits

/// `lessons draw-digits`
struct DrawDigits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draw-digits",
        abstract: "Draw digits as if people had written them, as PNG files in a folder for each class.",
        discussion: """
            The first 50 writers are those of corpora/digits; more of them do not change the first ones.

            Examples:
              lessons draw-digits more-digits --writers 1000
            """)

    @Argument(help: "Where to; a folder for each digit is made in it.", completion: .directory)
    var folder: String

    @Option(parsing: .unconditional, help: ArgumentHelp("How many people write each digit once.", valueName: "count"))
    var writers: Int = 50

    func validate() throws {
        guard 1...1000 ~= writers else { throw ValidationError("--writers: from 1 to 1000, not \(writers)") }
    }

    func run() throws {
        let overwriting = OutputGuard()
        for digit in 0..<10 {
            for writer in 0..<writers {
                let name = String("\(1000 + writer)".dropFirst())
                let path = "\(folder)/\(digit)/\(name).png"
                if writer == 0 { try OutputGuard.makeFolder(of: path) }
                try overwriting.write(DrawnDigits.png(of: digit, writer: writer), to: path)
            }
        }
        Console().line("Drew \(NumberText.count(10 * writers, "digit")) into \(folder)")
    }
}
