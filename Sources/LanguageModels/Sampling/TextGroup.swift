import TensorCore
import TextCorpora

/// Some texts that are written together: one step of the model takes each of them a unit further.
struct TextGroup {
    private var lanes: ModelLanes
    /// Of each lane, the text's place in the group.
    private var places: [Int]
    private var texts: [TextInProgress]
    /// Chosen, and not yet read by the model, for each lane.
    private var unread: [Int32] = []
    /// What has been written and not taken yet, for each text of the group.
    private var written: [[UInt8]]

    /// - Parameters:
    ///   - start: lanes that have read what texts begin with.
    ///   - sources: the lane of each text.
    init(_ texts: [TextInProgress], after start: ModelLanes, sources: [Int]) {
        self.texts = texts
        lanes = start
        lanes.select(sources)
        places = Array(texts.indices)
        written = texts.map { _ in [] }
    }

    func hasEnded(_ place: Int) -> Bool { texts[place].hasEnded }

    mutating func take(_ place: Int) -> [UInt8] {
        defer { written[place] = [] }
        return written[place]
    }

    /// Takes every text that has not ended a unit further.
    mutating func step() {
        if !unread.isEmpty { lanes.read(unread) }
        unread.removeAll(keepingCapacity: true)
        var going: [Int] = []
        for (lane, place) in places.enumerated() where !texts[place].hasEnded {
            let (id, text) = lanes.withLogits(ofLane: lane) { texts[place].choose(from: $0) }
            written[place] += text
            if let id {
                unread.append(id)
                going.append(lane)
            }
        }
        guard going.count < places.count else { return }
        places = going.map { places[$0] }
        if !places.isEmpty { lanes.select(going) }
    }
}
