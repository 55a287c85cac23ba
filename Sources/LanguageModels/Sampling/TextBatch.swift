import Requirements

/// Texts that are written together: one step of the model takes each of them a unit further. Texts join and leave between
/// two steps as they like, and each gets the bits that it gets alone.
struct TextBatch {
    private var lanes: ModelLanes?
    /// Member k writes in lane k.
    private var members: [(key: Int, text: TextInProgress)] = []
    /// The unit of each lane that was chosen and that the model has not read yet: a piece is given out as soon as it is
    /// chosen. Empty after texts have joined.
    private var unread: [Int32] = []

    init() {}

    var count: Int { members.count }

    /// - Parameters:
    ///   - texts: each with the number that it goes by.
    ///   - start: lanes that have read what texts begin with.
    ///   - sources: the lane of each text.
    mutating func join(_ texts: [(key: Int, text: TextInProgress)], after start: ModelLanes, sources: [Int]) {
        require(texts.count == sources.count, "\(texts.count) texts, lanes for \(sources.count)")
        let going = texts.indices.filter { !texts[$0].text.hasEnded }
        guard !going.isEmpty else { return }
        var added = start
        added.select(going.map { sources[$0] })
        readChosen()
        if lanes == nil { lanes = added } else { lanes?.append(added) }
        members += going.map { texts[$0] }
    }

    /// Ends texts before their time.
    mutating func leave(where isLeaving: (Int) -> Bool) {
        keep(members.indices.filter { !isLeaving(members[$0].key) })
    }

    /// Takes every text a unit further. Those that have ended leave.
    /// - Parameter give: called for each text with its key, the bytes that are certain now, and the text itself.
    mutating func step(_ give: (_ key: Int, _ bytes: ArraySlice<UInt8>, _ text: inout TextInProgress) -> Void) {
        readChosen()
        var going: [Int] = [], chosen: [Int32] = []
        for lane in members.indices {
            guard
                let (id, bytes) = lanes?.withLogits(
                    ofLane: lane, { members[lane].text.choose(from: $0) })
            else { break }
            give(members[lane].key, bytes, &members[lane].text)
            if let id {
                chosen.append(id)
                going.append(lane)
            }
        }
        keep(going)
        unread = chosen
    }

    private mutating func readChosen() {
        if !unread.isEmpty { lanes?.read(unread) }
        unread.removeAll(keepingCapacity: true)
    }

    private mutating func keep(_ going: [Int]) {
        guard going.count < members.count else { return }
        members = going.map { members[$0] }
        if !unread.isEmpty { unread = going.map { unread[$0] } }
        if members.isEmpty { lanes = nil } else { lanes?.select(going) }
    }
}
