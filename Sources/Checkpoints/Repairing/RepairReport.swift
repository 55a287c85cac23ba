/// What could be read of a damaged store.
public struct RepairReport: Sendable, Equatable {
    public struct SavedRun: Sendable, Equatable {
        public var name: String
        public var kind: String
        /// The steps of its checkpoints, as they were saved.
        public var steps: [Int]

        public init(name: String, kind: String, steps: [Int]) {
            (self.name, self.kind, self.steps) = (name, kind, steps)
        }
    }

    public internal(set) var runs: [SavedRun] = []
    /// What was lost, a sentence each.
    public internal(set) var losses: [String] = []
}
