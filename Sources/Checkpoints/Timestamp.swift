package import Foundation

/// Times as the tables hold them, in UTC and to the millisecond: `2026-03-01T09:30:00.000Z`.
///
/// Foundation's own style for them opens its time zones first, which takes milliseconds and 3 MB of memory.
package enum Timestamp {
    private static let millisecondsPerDay = 86_400_000
    /// From the beginning of the year 0 to the end of the year 9999: what four digits hold.
    private static let range = -62_167_219_200_000.0...253_402_300_799_999

    /// Rounds down to the millisecond.
    package static func text(_ date: Date) -> String {
        let exact = date.timeIntervalSince1970 * 1000
        let milliseconds = exact.isNaN ? 0 : Int(min(max(exact.rounded(.down), range.lowerBound), range.upperBound))
        let time = remainder(milliseconds, millisecondsPerDay)
        let (year, month, day) = calendarDate(ofDay: (milliseconds - time) / millisecondsPerDay)
        return digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2) + "T"
            + digits(time / 3_600_000, 2) + ":" + digits(time / 60_000 % 60, 2) + ":" + digits(time / 1000 % 60, 2)
            + "."
            + digits(time % 1000, 3) + "Z"
    }

    package static func date(_ text: String, path: String) throws(StoreError) -> Date {
        guard let date = date(text) else { throw .corrupt(path: path, detail: "'\(text)' is not a time") }
        return date
    }

    /// Nil for what is not a time of that form; a second may have any number of decimals.
    static func date(_ text: String) -> Date? {
        let characters = Array(text.utf8), form = Array("0000-00-00T00:00:00.0".utf8), zero = UInt8(ascii: "0")
        func isDigit(_ character: UInt8) -> Bool { (zero...zero + 9).contains(character) }
        func number(_ range: Range<Int>) -> Int { characters[range].reduce(0) { 10 * $0 + Int($1 - zero) } }
        let decimals = characters.dropFirst(20).dropLast()
        guard characters.count > form.count, characters.last == UInt8(ascii: "Z"), decimals.allSatisfy(isDigit),
            zip(characters, form).allSatisfy({ $1 == zero ? isDigit($0) : $0 == $1 })
        else { return nil }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), hour < 24, minute < 60, second < 60 else { return nil }
        let days = self.day(year: year, month: month, day: day)
        // A day that its month does not have is another one of the next month.
        guard calendarDate(ofDay: days) == (year, month, day) else { return nil }
        let fraction = decimals.reversed().reduce(0.0) { ($0 + Double($1 - zero)) / 10 }
        return Date(timeIntervalSince1970: Double(((days * 24 + hour) * 60 + minute) * 60 + second) + fraction)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: width - text.utf8.count) + text
    }

    // MARK: The Gregorian calendar, also before its time

    private static let daysIn400Years = 146_097
    /// From 1 March of the year 0, with which four centuries begin here, to 1 January 1970.
    private static let daysBefore1970 = 719_468

    /// Days since 1 January 1970. Years begin with March here, so that the leap day is the last.
    private static func day(year: Int, month: Int, day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let yearOfFour = remainder(year, 400), month = (month + 9) % 12
        let dayOfYear = (153 * month + 2) / 5 + day - 1
        let dayOfFour = 365 * yearOfFour + yearOfFour / 4 - yearOfFour / 100 + dayOfYear
        return (year - yearOfFour) / 400 * daysIn400Years + dayOfFour - daysBefore1970
    }

    private static func calendarDate(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + daysBefore1970, dayOfFour = remainder(shifted, daysIn400Years)
        let yearOfFour = (dayOfFour - dayOfFour / 1460 + dayOfFour / 36_524 - dayOfFour / 146_096) / 365
        let dayOfYear = dayOfFour - (365 * yearOfFour + yearOfFour / 4 - yearOfFour / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = (shifted - dayOfFour) / daysIn400Years * 400 + yearOfFour + (month < 10 ? 0 : 1)
        return (year, (month + 2) % 12 + 1, dayOfYear - (153 * month + 2) / 5 + 1)
    }

    /// The remainder of a division that rounds down: at least 0, also for negative numbers.
    private static func remainder(_ number: Int, _ divisor: Int) -> Int {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
