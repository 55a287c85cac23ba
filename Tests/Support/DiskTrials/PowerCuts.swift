import Foundation

/// Cuts the power in the middle of a scenario. What the disk holds afterwards, as far as can be read, must be what it
/// would hold if nothing had ever been left out: the state after what was promised last, or a later one.
struct PowerCuts {
    let scenario: Scenario
    let trial: Trial

    private static let before = Disk("before"), disk = Disk("disk"), image = Disk("image"), second = Disk("second")
    private static let whole = Disk("whole")

    /// - Parameters:
    ///   - seeds: of one cut each.
    ///   - compound: of so many cuts one has another after it, in the middle of what is done to go on.
    func run(seeds: Range<UInt64>, compound: Int) throws {
        try Self.disk.become()
        try scenario.prepare(Self.disk)
        try Self.before.become(copying: Self.disk)
        var record: Recorded?
        for seed in seeds where !trial.isEnough {
            let isCompound = compound > 0 && seed % UInt64(compound) == 0
            trial.attempt("DiskTrials cuts \(scenario.name) 1 --seed \(seed) --compound \(isCompound ? 1 : 0)") {
                // What is done is the same each time, but for times and names made up.
                let recorded = try record ?? self.record(from: Self.before, scenario.act)
                record = isCompound ? nil : recorded
                try cut(seed, recorded, isCompound: isCompound)
            }
        }
        Disk.unwatch()
    }

    /// Prints what the scenario does to the disk.
    func show() throws {
        try Self.disk.become()
        try scenario.prepare(Self.disk)
        try Self.before.become(copying: Self.disk)
        let record = try record(from: Self.before, scenario.act)
        for index in 0..<record.length {
            print(record.promises.contains(index) ? "promised" : "", index, Disk.recordText(index))
        }
        Disk.unwatch()
    }

    private func cut(_ seed: UInt64, _ record: Recorded, isCompound: Bool) throws {
        var dice = Dice(seed: seed)
        let length = 1 + dice.below(record.length), loss = Loss.seed(dice.next())
        try Self.image.becomeImage(after: length, loss)
        var text = Disk.imageText
        trial.count("kept " + text.replacing(#/, after .*/#, with: ""))
        do {
            if isCompound { try Self.second.become(copying: Self.image) }
            try judge(Self.image, record, cutAt: length)
            guard isCompound else { return try scenario.follow(Self.image) }
            let recovery = try self.record(from: Self.second) { disk, isDone in
                _ = try Contents.read(disk)
                isDone()
                try scenario.follow(disk)
            }
            guard recovery.length > 0 else { return }
            let end = 1 + dice.below(recovery.length)
            try Self.image.becomeImage(after: end, .seed(dice.next()))
            text += "\n    then \(Disk.imageText)"
            trial.count("cut again")
            try judge(Self.image, recovery, cutAt: end)
            try scenario.follow(Self.image)
        } catch {
            throw Problem("\(error)\n    kept \(text)")
        }
    }

    // MARK: What may be there

    /// How the record grew.
    private struct Recorded {
        var length: Int
        /// The lengths at which something was promised.
        var promises: [Int]
    }

    /// Watches a disk that begins as another one while something is done to it, and from then on.
    private func record(from start: Disk, _ body: (Disk, () -> Void) throws -> Void) throws -> Recorded {
        try Self.disk.become(copying: start)
        Self.disk.watch()
        Disk.become(process: 0)
        Disk.plan()
        var promises = [0]
        try body(Self.disk) { promises.append(Disk.recordLength) }
        return Recorded(length: Disk.recordLength, promises: promises)
    }

    /// The disk that is watched has the record; `image` is what is left of it.
    private func judge(_ image: Disk, _ record: Recorded, cutAt length: Int) throws {
        let found = try Contents.read(image)
        let promised = record.promises.last { $0 <= length } ?? 0
        // The likely ones first: all of it, or what was promised alone.
        let others = promised + 1 < length ? Array(promised + 1..<length) : []
        var expected = ""
        for index in [length, promised] + others {
            try Self.whole.becomeImage(after: index, .none)
            let state = try Contents.read(Self.whole)
            if state == found { return }
            if index == promised { expected = state }
        }
        throw Problem("the disk holds\n\(found)\n    and was promised\n\(expected)")
    }
}
