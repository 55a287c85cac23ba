import ArgumentParser
import CommandLineSupport
import FileTrees
import Foundation
import LanguageModels
import TextCorpora

/// A person at a terminal and a ``WritingSession``. The conversation is on standard error, line by line, so that it works
/// on every terminal; the text itself may go to standard output.
struct WritingDialogue {
    private var session: WritingSession
    private var file: WritingFile?
    private let count: Int
    /// Whether the text must stay UTF-8.
    private let isText: Bool
    private let signals: SignalWatch
    private let screen = StandardOutput(descriptor: STDERR_FILENO)
    private let reader: LineReader
    /// What the text was when it was saved, or began.
    private var saved: [UInt8]
    private var offered: [WritingSession.Continuation] = []

    init(_ session: WritingSession, in file: WritingFile?, count: Int, isText: Bool, signals: SignalWatch) {
        (self.session, self.file, self.count, self.isText, self.signals) = (session, file, count, isText, signals)
        saved = session.text
        reader = LineReader(signals: signals)
    }

    /// Until the person leaves.
    /// - Throws: `ExitCode` after a signal.
    mutating func run() throws {
        do {
            try converse()
        } catch OutputError.closed {
            // The terminal is gone.
        }
        try keep()
        if signals.shouldStop { throw ExitCode(signals.exitStatus ?? 1) }
    }

    private mutating func converse() throws {
        try offer()
        while true {
            try screen.write("> ")
            guard case .line(let line) = reader.next() else { return try screen.line() }
            switch WritingCommand(line) {
            case .take(let number):
                guard offered.indices.contains(number - 1) else {
                    try screen.line("There is no \(number) to take. To write it, type \"\(number)")
                    continue
                }
                session.take(offered[number - 1])
            case .others: session.askForOthers()
            case .undo:
                guard session.undo() else {
                    try screen.line("Nothing to undo: this is how the text began.")
                    continue
                }
            case .longer: session.lengthen()
            case .shorter: session.shorten()
            case .hotter: session.heat()
            case .cooler: session.cool()
            case .lineBreak: session.append([UInt8(ascii: "\n")])
            case .words(let words):
                guard try write(words) else { continue }
            case .help:
                try help()
                continue
            case .save:
                try save()
                continue
            case .quit:
                if try mayLeave() { return }
                continue
            }
            try offer()
        }
    }

    // MARK: The screen

    private static let rowsOfText = 8

    private var columns: Int { max(20, Terminal.width(STDERR_FILENO) ?? 80) - 1 }

    /// The end of the text, and what to choose from.
    private mutating func offer() throws {
        try screen.line()
        try showText()
        try screen.line()
        offered = session.continuations(count: count, unless: { [signals] in signals.shouldStop })
        for (index, continuation) in offered.enumerated() {
            let share = NumberText.fixed(100 * continuation.meanProbability, 0)
            let label = "\(index + 1) \(String(repeating: " ", count: max(0, 3 - share.count)))\(share) %  "
            let text = VisibleText.line(ByteText.text(continuation.bytes).replacing("\n", with: "↵"))
            let rows = Terminal.rows(text, columns: columns - label.count)
            for (number, row) in rows.enumerated() {
                try screen.line((number == 0 ? label : String(repeating: " ", count: label.count)) + row)
            }
        }
        try screen.line()
        let options = session.options
        try screen.line("\(keys) take  Enter others  u undo  n new line  s save  q quit")
        try screen.line(
            "+ longer  - shorter (\(options.length))  h hotter  c colder (\(NumberText.exact(options.temperature)))  ? help"
        )
        try screen.line("all else: your own words, as typed; begin with a space")
    }

    private var keys: String { offered.count > 1 ? "1-\(offered.count)" : "1" }

    private func showText() throws {
        guard !session.text.isEmpty else { return try screen.line("(nothing is written yet)") }
        // A row holds at most so many bytes, combining marks not counted.
        let limit = Self.rowsOfText * columns * 8
        var start = max(0, session.text.count - limit)
        while start > 0, start < session.text.count, session.text[start] & 0xC0 == 0x80 { start += 1 }
        let text = VisibleText.block(ByteText.text(session.text[start...]).replacing("\r\n", with: "\n"))
        let rows = Terminal.rows(text + "▌", columns: columns - 1)
        let isCut = start > 0 || rows.count > Self.rowsOfText
        for (number, row) in rows.suffix(Self.rowsOfText).enumerated() {
            try screen.line((isCut && number == 0 ? "…" : "") + row.replacing("\t", with: "    "))
        }
    }

    /// A message, in as many rows as it takes.
    private func say(_ message: String) throws {
        for row in Terminal.rows(VisibleText.line(message), columns: columns) { try screen.line(row) }
    }

    private func help() throws {
        for line in [
            "1, 2, …     take that continuation into the text",
            "Enter       alone: other continuations",
            "u           undo the last step, again and again",
            "n           start a new line",
            "+ -         continuations twice or half as long",
            "h c         hotter (bolder) or colder (safer)",
            "s           save the file, or name one",
            "q           quit; Ctrl-D saves and quits",
            "all else    is written into the text as you type it,",
            "            blanks too: begin with one for a new word",
            "\"c          writes a character that is a command",
            "The number beside a continuation is how probable the",
            "model holds its characters, in the (geometric) mean.",
        ] { try screen.line(line) }
    }

    // MARK: Words

    /// - Returns: whether the text has changed.
    private mutating func write(_ typed: [UInt8]) throws -> Bool {
        if typed.count >= LineReader.longestLine {
            try screen.line("The terminal cuts lines after \(LineReader.longestLine) bytes: look where yours ends.")
        }
        let words = Self.withoutKeys(typed)
        if words.count < typed.count { try screen.line("Left out: cursor keys and the like. Backspace works.") }
        guard !words.isEmpty else { return false }
        guard !isText || ByteText.isUTF8(ByteText.text(words)) else {
            try screen.line("Not written: your terminal does not send UTF-8, which this model needs.")
            return false
        }
        session.append(words)
        if let note = session.encoded(words).note { try say(note) }
        let word = String(decoding: words, as: UTF8.self)
        if ["quit", "exit", "save", "undo", "help", "more"].contains(word) {
            try screen.line("Written as text: commands have one character. u undoes it.")
        }
        return true
    }

    /// A line without what keys that do not write send: escape sequences and control characters; a tab stays.
    private static func withoutKeys(_ line: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = [], index = 0
        while index < line.count {
            let byte = line[index]
            index += 1
            if byte == 0x1B, index < line.count, [UInt8(ascii: "["), UInt8(ascii: "O")].contains(line[index]) {
                index += 1
                // Parameters, then a final byte (ECMA-48).
                while index < line.count, (0x20..<0x40).contains(line[index]) { index += 1 }
                index += 1
            } else if byte == 9 || byte >= 0x20 && byte != 0x7F {
                kept.append(byte)
            }
        }
        return kept
    }

    // MARK: Saving

    private var isUnsaved: Bool { session.text != saved }

    /// Saves to the file, or to one that is asked for.
    /// - Returns: whether the text is saved.
    @discardableResult
    private mutating func save() throws -> Bool {
        if var file {
            do {
                try file.save(session.text)
                self.file = file
                return try didSave(to: file)
            } catch {
                try say(Program.message(of: error))
            }
        }
        try screen.write("Save as (Enter: not now) > ")
        guard case .line(let line) = reader.next(), !line.isEmpty else { return false }
        return try save(as: ByteText.text(Self.withoutKeys(line)))
    }

    private mutating func save(as name: String) throws -> Bool {
        var path = name
        if path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] {
            path = home + path.dropFirst()
        }
        do {
            var file = try WritingFile(new: path)
            try file.save(session.text)
            self.file = file
            return try didSave(to: file)
        } catch let error as WritingError {
            try say(Program.message(of: error))
            return false
        }
    }

    private mutating func didSave(to file: WritingFile) throws -> Bool {
        saved = session.text
        try screen.line("Saved \(file.path), \(NumberText.grouped(session.text.count)) bytes")
        return true
    }

    /// Asks about what is not saved.
    private mutating func mayLeave() throws -> Bool {
        guard isUnsaved else { return true }
        if let file {
            try screen.write("Save \(VisibleText.line(file.path))? Enter: yes, n: no, b: back > ")
            guard case .line(let line) = reader.next() else { return true }
            switch String(decoding: line, as: UTF8.self).lowercased() {
            case "", "y", "yes": return try save()
            case "n", "no":
                saved = session.text
                return true
            default: return false
            }
        }
        // Where it goes has been said already.
        guard isatty(STDOUT_FILENO) == 1 else { return true }
        try screen.write("Not saved. A file to save in, or Enter to print it > ")
        guard case .line(let line) = reader.next(), !line.isEmpty else { return true }
        return try save(as: ByteText.text(Self.withoutKeys(line)))
    }

    /// Keeps what is not saved when the person leaves, or is gone: in the file, on standard output, or in a new file.
    private mutating func keep() throws {
        guard isUnsaved else { return }
        if var file {
            do {
                try file.save(session.text)
                _ = try? didSave(to: file)
                return
            } catch {
                try? say(Program.message(of: error))
            }
        } else if isatty(STDOUT_FILENO) != 1 || signals.exitStatus != 128 + SIGHUP {
            do { return try printText() } catch {}
        }
        do {
            var file = try WritingFile.unused()
            try file.save(session.text)
            _ = try? didSave(to: file)
        } catch {
            try? say(Program.message(of: error))
            try printText()
        }
    }

    private func printText() throws {
        let output = StandardOutput()
        try output.write(session.text)
        if session.text.last != UInt8(ascii: "\n") { try output.line() }
        try output.flush()
    }
}
