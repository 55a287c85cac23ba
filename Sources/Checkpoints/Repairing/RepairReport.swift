/// What could be read of a damaged store.
package struct RepairReport: Sendable, Equatable {
    package struct SavedRun: Sendable, Equatable {
        package var name: String
        package var kind: String
        /// The steps of its checkpoints, as they were saved.
        package var steps: [Int]

        package init(name: String, kind: String, steps: [Int]) {
            (self.name, self.kind, self.steps) = (name, kind, steps)
        }
    }

    package internal(set) var runs: [SavedRun] = []
    /// What was lost, a sentence each.
    package internal(set) var losses: [String] = []
}
