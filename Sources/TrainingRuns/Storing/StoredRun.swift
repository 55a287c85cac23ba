import Checkpoints
import Foundation
import Kernels
import TensorCore

/// Keeps training in a run of a store: while the store takes it; here, while the store does not; and at the end wherever
/// there is room. It knows nothing of how training goes, and training goes on whatever happens here.
final class StoredRun<Cursor: Codable & Equatable & Sendable>: TrainingKeeper {
    typealias Moment = TrainingMoment<Cursor>

    /// The run: another one than at first only if that was lost.
    var run: Run
    /// Where it is: not where it began once its file is gone, or takes nothing.
    var store: CheckpointStore
    /// Set when the work is no longer where it began.
    var rescue: Rescue?
    /// Who trained the run before, and died.
    var takenOverFrom: RunOwner?
    /// Whether the weights that the run begins with have to be kept, since its plan cannot make them again.
    let keepsBeginning: Bool
    private let context: ComputeContext
    /// Whether a state to go back to fits what is trained.
    private let check: (Moment.Sections, _ step: Int) throws -> Void

    /// What has happened and is not stored yet.
    var history = History()
    /// What comes after this step is being made again, and must not be there twice.
    var forgetAfter: Int?
    /// Best weights that could not be saved when there were any.
    var unsavedBest: Checkpoint?
    /// The step of the latest checkpoint that is stored.
    private(set) var storedStep: Int?
    /// Whether the latest checkpoint holds the present tensors, and what it holds of the state to go back to.
    private var stored: (step: Int, isBest: Bool, isAtMark: Bool)?
    private var hasGoneBack = false
    /// Seconds since any moment.
    private(set) var now: () -> Double = SessionClock.systemSeconds
    private var cadence = SavingCadence()
    var attempts = Attempts()

    var marked: TrainingPosition<Cursor>
    private var place: Place
    /// The state that is being saved.
    private var present: Moment?
    /// A context for what another thread computes; nil on the thread that trains.
    private var contextBeside: ComputeContext?

    /// Where the tensors of the marked state are. Weights and optimizer slots take as much memory as training itself keeps
    /// from step to step: it is spent only until they are found elsewhere.
    enum Place {
        case memory(Moment.Sections)
        /// The weights are those of a new run, made again when they are needed.
        case beginning(weights: (ComputeContext) -> NamedTensors, others: Moment.Sections)
        /// In the latest checkpoint of the run: beside the state training stood in, or that state itself.
        case store(isBeside: Bool)
    }

    /// - Parameters:
    ///   - marked: the state to go back to, and where its tensors are.
    ///   - check: whether tensors read from the store are those of such a state.
    init(
        _ run: Run, in store: CheckpointStore, marked: TrainingPosition<Cursor>, at place: Place, keepsBeginning: Bool,
        computingIn context: ComputeContext, check: @escaping (Moment.Sections, _ step: Int) throws -> Void
    ) {
        (self.run, self.store, self.marked, self.place) = (run, store, marked, place)
        (self.keepsBeginning, self.context, self.check) = (keepsBeginning, context, check)
    }

    var name: String { run.name }

    func begin(
        _ moment: Moment, of plan: some RunPlan, now: @escaping () -> Double, _ watcher: TrainingWatcher
    ) throws {
        self.now = now
        try beginInStore(at: moment.step)
        if let owner = takenOverFrom {
            history.events.append(
                EventRecord(step: moment.step, kind: "taken_over", message: "from \(owner), which is gone"))
            watcher.onEvent(.tookOver(from: owner))
            takenOverFrom = nil
        }
        watcher.onEvent(.started(StartedRun(run: run, step: moment.step)))
        cadence = SavingCadence(now: now)
        if moment.step == 0, stored == nil, keepsBeginning { try save(moment, of: plan, as: .due, watcher) }
    }

    private func beginInStore(at step: Int) throws(StoreError) {
        defer {
            store.rest()
            attempts.lastContact = now()
        }
        try store.setStatus(.running, of: run.id)
        try store.forgetHistory(after: step, of: run.id)
    }

    /// Says that this process is there, if it has not for a minute. If that fails, the next save will say why.
    func beat() {
        guard now() - attempts.lastContact >= 60 else { return }
        attempts.lastContact = now()
        try? store.beat(run.id)
        store.rest()
    }

    // MARK: The state to go back to

    func mark(_ moment: Moment) { (marked, place) = (moment.state.position, .memory(moment.sections)) }

    func markedSections() throws -> Moment.Sections {
        if case .memory(let sections) = place { return sections }
        // They take the place of what a step needs, unless one is being computed.
        if contextBeside == nil { context.workspace.releaseAll() }
        switch place {
        case .memory(let sections): return sections
        case .beginning(let weights, var sections):
            sections[.parameter] = weights(contextBeside ?? context)
            return sections
        case .store(let isBeside):
            let latest = try store.loadCheckpoint(.latest, of: run.id, sections: isBeside ? [.state] : nil).sections
            let sections = isBeside ? MarkedTensors.sections(stored: latest[.state] ?? NamedTensors()) : latest
            try check(sections, marked.step)
            return sections
        }
    }

    /// The tensors to go back to come into memory before the store that holds them is left; where they cannot be read
    /// the present state takes their place.
    func willLeave(canRead: Bool) {
        stored = nil
        guard case .store = place else { return }
        if canRead, let sections = try? markedSections() {
            place = .memory(sections)
        } else if let present {
            mark(present)
        }
    }

    func stepDone() {
        stored = nil
        cadence.stepsSinceSave += 1
    }

    func wentBack() {
        (stored, hasGoneBack) = (nil, true)
        // Samples from here on will be made again.
        history.samples.removeAll { $0.step > marked.step }
        history.metrics.removeAll { $0.step > marked.step }
        forgetAfter = min(marked.step, forgetAfter ?? marked.step)
    }

    func besideComputing<Result>(_ body: () throws -> Result) rethrows -> Result {
        contextBeside = ComputeContext(threads: 1, instructionSet: context.instructionSet)
        defer { contextBeside = nil }
        return try body()
    }

    // MARK: Saving

    var holdsPresent: Bool { stored != nil }

    func isSaveDue(at step: Int, every: Int?) -> Bool { cadence.isDue(at: step, every: every) }

    /// Saves a checkpoint with the history before it, and best weights that wait for their turn.
    ///
    /// - Throws: ``RunError/runLost(run:savedAs:store:reason:)`` when the run has become somebody else's; the work is
    ///   then kept under another name. `StoreError` when it was the last attempt, and no place was found.
    func save(
        _ moment: Moment, of plan: some RunPlan, as reason: SaveReason, _ watcher: TrainingWatcher
    ) throws {
        if case .validated = reason, !cadence.isDueAfterValidation { return }
        present = moment
        defer { present = nil }
        func keepBest() throws {
            if reason.isBest { unsavedBest = try checkpoint(of: moment, plan, withMarked: false) }
        }
        if !reason.isLast, !attempts.areDue(at: now()) {
            try keepBest()
            return cadence.saved()
        }
        let isBest = reason.isBest, isAtMark = marked == moment.state.position
        let holdsAll = stored.map { $0 == (moment.step, isBest || $0.isBest, isAtMark) } ?? false
        let isDone = try attempt(reason.isLast ? .last : .canWait, step: moment.step, watcher) { isFresh in
            if let forgetAfter { try store.forgetHistory(after: forgetAfter, of: run.id) }
            if let unsavedBest, !isBest { try store.save(unsavedBest, in: run.id, isBest: true, mayGoBack: true) }
            let checkpoint = try checkpoint(of: moment, plan, withMarked: true)
            if holdsAll, !isFresh, unsavedBest == nil {
                try store.amendLatest(step: moment.step, state: checkpoint.state, of: run.id, with: history)
            } else {
                let mayGoBack = hasGoneBack || unsavedBest != nil
                try store.save(checkpoint, in: run.id, isBest: isBest, with: history, mayGoBack: mayGoBack)
            }
            try store.setConfiguration(plan, of: run.id)
        }
        cadence.saved(isDone: isDone)
        guard isDone else { return try keepBest() }
        (history, forgetAfter, unsavedBest, storedStep) = (History(), nil, nil, moment.step)
        let isNowAtMark = marked == moment.state.position
        stored = (moment.step, isBest || (holdsAll && stored?.isBest ?? false), isNowAtMark)
        (place, hasGoneBack) = (.store(isBeside: !isNowAtMark), false)
        watcher.onEvent(.saved(step: moment.step))
    }

    /// - Parameter withMarked: whether training can go on from it, back to the same state if need be.
    private func checkpoint(of moment: Moment, _ plan: some RunPlan, withMarked: Bool) throws -> Checkpoint {
        let position = moment.state.position, isAtMark = marked == position || !withMarked
        var state = moment.state, sections = moment.sections
        state.snapshot = isAtMark ? nil : marked
        if !isAtMark {
            var tensors = sections[.state] ?? NamedTensors()
            for (name, tensor) in MarkedTensors.stored(try markedSections()) { tensors[name] = tensor }
            sections[.state] = tensors
        }
        return Checkpoint(
            step: position.step, epoch: Double(position.step) / Double(max(1, plan.stepsPerEpoch)),
            validationLoss: position.validatedStep == position.step ? position.validationLoss : nil,
            sections: sections, state: try CanonicalJSON.encode(state, what: "the state of training"))
    }

    func bestSections() throws -> Moment.Sections? {
        guard try store.checkpoints(of: run.id).contains(where: \.isBest) else { return nil }
        return try store.loadCheckpoint(.best, of: run.id, sections: [.parameter, .buffer]).sections
    }

    /// Stores the rest of the history and how training ended, and gives the run back.
    func end(_ status: Run.Status, _ moment: Moment, _ watcher: TrainingWatcher) throws {
        present = moment
        defer { present = nil }
        _ = try attempt(.remark, step: moment.step, watcher) { _ in
            try store.record(history, in: run.id)
            try store.setStatus(status, of: run.id)
        }
        history = History()
    }
}

/// When to save, by the clock.
struct SavingCadence {
    private let now: () -> Double
    private var lastSave: Double
    var stepsSinceSave = 0

    init(now: @escaping () -> Double = { 0 }) { (self.now, lastSave) = (now, now()) }

    private var secondsSinceSave: Double { now() - lastSave }

    /// - Parameter every: steps after which to save besides; nil: the clock alone decides.
    func isDue(at step: Int, every: Int?) -> Bool {
        secondsSinceSave > 45 || (every.map { step > 0 && step % $0 == 0 && stepsSinceSave > 0 } ?? false)
    }

    /// What validation has looked at is worth a save a little earlier.
    var isDueAfterValidation: Bool { secondsSinceSave > 30 }

    /// - Parameter isDone: false if it was tried in vain: the next attempt is a matter of time again.
    mutating func saved(isDone: Bool = true) {
        lastSave = now()
        if isDone { stepsSinceSave = 0 }
    }
}
