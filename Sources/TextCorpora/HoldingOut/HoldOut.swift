/// How a part of a text is kept from training, so that it judges what was learned.
///
/// - `tail`: the end of the text, for one that goes on from its first page to its last.
/// - `lines`: whole lines from everywhere, for lists: names, sentences, records. Of a sorted list the tail holds nothing
///   but V to Z. Lines that are equal stand on one side.
/// - `spread`: blocks from everywhere, for several files, and texts whose subject changes: each file is judged. Where
///   there are many small files, whole ones, and equal ones stand on one side.
///
/// A text that is not cut at its tail is put in another order (``TextCorpus/arranged(_:)``): what trains first, then what
/// validates, then what tests, each in the order of the text. Where a piece was taken out, what stood before it and
/// behind it follow each other, and a carried state goes on over the seam, as it does from one file to the next.
package struct HoldOut: Codable, Sendable, Equatable {
    package enum Rule: String, CaseIterable, Codable, Sendable {
        case tail, lines, spread
    }
    package let rule: Rule
    /// The rule that follows from the text when nobody chooses one.
    package let suggested: Rule
    /// The share or number of units asked for.
    package let validation: Portion
    package let test: Portion
    /// The seed that chooses the lines or blocks.
    package let seed: UInt64
    /// The blocks of `spread`, kept because they follow from files that may come joined when the text is read again;
    /// nil for other rules.
    package let blocks: HeldOutPieces?
}

/// Pieces of a text, in ascending order and apart from each other.
package struct HeldOutPieces: Codable, Sendable, Equatable {
    package var validation: [Range<Int>] = []
    package var test: [Range<Int>] = []

    package init(validation: [Range<Int>] = [], test: [Range<Int>] = []) {
        (self.validation, self.test) = (validation, test)
    }

    var validationCount: Int { validation.reduce(0) { $0 + $1.count } }
    var testCount: Int { test.reduce(0) { $0 + $1.count } }

    /// The pieces that are left to train on, of a text of `count` units.
    func training(of count: Int) -> [Range<Int>] {
        var rest: [Range<Int>] = [], start = 0
        for piece in (validation + test).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if start < piece.lowerBound { rest.append(start..<piece.lowerBound) }
            start = piece.upperBound
        }
        if start < count { rest.append(start..<count) }
        return rest
    }

    /// Whether the pieces lie, without overlap, in a text of `count` units.
    func fit(_ count: Int) -> Bool {
        var end = 0
        for piece in (validation + test).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard piece.lowerBound >= end, piece.upperBound <= count else { return false }
            end = piece.upperBound
        }
        return true
    }
}

extension TextCorpus {
    /// Chooses what is held out, and cuts the text accordingly.
    ///
    /// - Parameter rule: nil: `lines` for lists of short lines that stand for themselves, `spread` for several files,
    ///   else `tail`.
    /// - Returns: the rule with all that is needed to find the same pieces again, and the parts of the text as
    ///   ``arranged(_:)`` puts it.
    /// - Throws: as ``TextSplit/init(count:unit:validation:test:)``; `TextError.invalidSplit` also where `lines` or
    ///   `spread` was asked for and the text has too few of them.
    package func holdOut(
        _ rule: HoldOut.Rule? = nil, validation: Portion = 0.1, test: Portion = 0, seed: UInt64 = 1
    ) throws(TextError) -> (choice: HoldOut, split: TextSplit) {
        let tail = try split(validation: validation, test: test)
        var suggested = tail.training.count == count ? .tail : suggestedRule,
            found = pieces(suggested, tail, seed: seed)
        if found.map({ !isFair($0, tail) }) ?? false { (suggested, found) = (.tail, nil) }
        let chosen = tail.training.count == count ? .tail : rule ?? suggested
        if chosen != suggested {
            found = pieces(chosen, tail, seed: seed)
            guard found.map({ isFair($0, tail) }) ?? true else {
                throw .invalidSplit(
                    reason: "the text has too few different lines to hold out "
                        + "\(tail.validation.count + tail.test.count) of \(count) units by \(chosen.rawValue)")
            }
        }
        let choice = HoldOut(
            rule: chosen, suggested: suggested, validation: validation, test: test, seed: seed,
            blocks: chosen == .spread ? found : nil)
        guard let pieces = found else { return (choice, tail) }
        let training = count - pieces.validationCount - pieces.testCount
        return (
            choice,
            TextSplit(
                training: 0..<training, validation: training..<training + pieces.validationCount,
                test: training + pieces.validationCount..<count)
        )
    }

    /// The same units in the order of a rule: what trains, what validates, what tests. For `tail` that is the text as it
    /// stands; else a copy of the ids.
    /// - Throws: `TextError.outOfMemory`; `TextError.invalidSplit` for pieces that are not of this text.
    package func arranged(_ choice: HoldOut) throws(TextError) -> TextCorpus {
        guard choice.rule != .tail else { return self }
        let tail = try split(validation: choice.validation, test: choice.test)
        guard let pieces = choice.blocks ?? pieces(choice.rule, tail, seed: choice.seed), pieces.fit(count) else {
            throw .invalidSplit(reason: "the pieces that were held out are not pieces of this text of \(count) units")
        }
        let order = pieces.training(of: count) + pieces.validation + pieces.test
        return TextCorpus(
            unit: unit, fingerprint: fingerprint, report: report, ids: try ids.rearranged(order), table: table)
    }

    private var suggestedRule: HoldOut.Rule {
        LineStatistics(self).isList ? .lines : report.files.count > 1 ? .spread : .tail
    }

    /// Whether about as much is held out as was asked for: a few lines that make up most of a text cannot be cut so.
    private func isFair(_ pieces: HeldOutPieces, _ tail: TextSplit) -> Bool {
        let (validation, test) = (pieces.validationCount, pieces.testCount)
        return validation <= 2 * tail.validation.count && test <= 2 * tail.test.count
            && pieces.validation.isEmpty == tail.validation.isEmpty && pieces.test.isEmpty == tail.test.isEmpty
            && count - validation - test >= Self.minimumCount / 2
    }

    /// The pieces that a rule holds out; nil for `tail`.
    private func pieces(_ rule: HoldOut.Rule, _ tail: TextSplit, seed: UInt64) -> HeldOutPieces? {
        switch rule {
        case .tail: nil
        case .lines: HeldOutLines(self, seed: seed).pieces(validation: tail.validation.count, test: tail.test.count)
        case .spread: HeldOutBlocks(self, seed: seed).pieces(validation: tail.validation.count, test: tail.test.count)
        }
    }
}
