import FileTrees
package import TrainingRuns

/// A plan beside the machine it is to run on, before anything is printed or made.
package enum MachineCheck {
    /// Refuses a plan that the memory or the space of the store's file system does not suffice for, and says so where the
    /// space may run out later.
    /// - Parameters:
    ///   - data: bytes of memory that the text or the pictures take.
    ///   - isResumed: whether the store holds checkpoints of this run, whose place the next ones take.
    /// - Throws: ``RunError``
    package static func check(
        _ plan: some RunPlan, data: Int = 0, store: StoreArguments, isResumed: Bool = false, console: Console
    ) throws(RunError) {
        try plan.checkMemory(data: data)
        let free = FileSystemSpace.free(at: RawPath(store.path))
        let hasRoom: Bool
        do {
            hasRoom = try plan.checkSpace(free: free, path: store.path)
        } catch {
            guard isResumed else { throw error }
            hasRoom = false
        }
        guard !hasRoom, let free else { return }
        console.line(
            "Space     only \(NumberText.bytes(free)) are left where \(store.path) is, and a checkpoint takes "
                + NumberText.bytes(plan.checkpointBytes))
    }
}
