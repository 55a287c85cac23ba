import Checkpoints
import TensorCore

/// Where training stands at one moment, with every tensor that it needs to go on from there.
struct TrainingMoment<Cursor: Codable & Equatable & Sendable> {
    typealias Sections = [Checkpoint.Section: NamedTensors]

    var state: TrainingState<Cursor>
    var sections: Sections

    var step: Int { state.position.step }
}

/// Who keeps what a loop may need again: a state to go back to, the best weights, and what has happened. In memory
/// (``MemoryKeeper``), or in a run of a store (``StoredRun``).
protocol TrainingKeeper<Cursor>: AnyObject {
    associatedtype Cursor: Codable & Equatable & Sendable

    /// For messages.
    var name: String { get }
    /// What has happened and was not kept yet.
    var history: History { get set }
    /// The state that training goes back to when its weights are spoiled.
    var marked: TrainingPosition<Cursor> { get set }

    /// Training begins, or goes on. `now` gives seconds since any moment.
    func begin(
        _ moment: TrainingMoment<Cursor>, of plan: some RunPlan, now: @escaping () -> Double, _ watcher: TrainingWatcher
    ) throws
    /// Says that training is alive, while it computes something long.
    func beat()

    /// Makes the present state the one to go back to.
    func mark(_ moment: TrainingMoment<Cursor>)
    /// The tensors of the state to go back to.
    func markedSections() throws -> TrainingMoment<Cursor>.Sections
    /// The weights have changed by a step.
    func stepDone()
    /// Training stands where it was marked again.
    func wentBack()

    /// Whether the present weights are kept already.
    var holdsPresent: Bool { get }
    /// Whether it is time to save, by the clock or by the plan.
    func isSaveDue(at step: Int, every: Int?) -> Bool
    /// Keeps the present state.
    func save(
        _ moment: TrainingMoment<Cursor>, of plan: some RunPlan, as reason: SaveReason, _ watcher: TrainingWatcher)
        throws
    /// The weights of the best state; nil if they are lost.
    func bestSections() throws -> TrainingMoment<Cursor>.Sections?
    /// Training is over.
    func end(_ status: Run.Status, _ moment: TrainingMoment<Cursor>, _ watcher: TrainingWatcher) throws

    /// Runs what saves the present state while another thread computes: it must not touch what that one computes with.
    func besideComputing<Result>(_ body: () throws -> Result) rethrows -> Result
}

/// Why a state is to be kept, and what happens if that cannot be done.
enum SaveReason {
    /// Time has passed: if it fails it is done later.
    case due
    /// Validation has just been there: saved if some time has passed since the last save.
    case validated
    /// Validation has found nothing better so far. If it fails it is done later.
    case best
    /// Nothing comes after it: if it fails it is done in another place. These may be the best weights as well.
    case last(isBest: Bool)

    var isBest: Bool {
        switch self {
        case .best, .last(isBest: true): true
        default: false
        }
    }

    var isLast: Bool { if case .last = self { true } else { false } }
}

/// Who watches training: whether to stop is asked often, and what happens is told.
struct TrainingWatcher {
    let shouldStop: () -> Bool
    let onEvent: (TrainingEvent) -> Void

    /// For closures that do not outlive a call.
    static func with<Result>(
        shouldStop: () -> Bool, onEvent: (TrainingEvent) -> Void, _ body: (TrainingWatcher) throws -> Result
    ) rethrows -> Result {
        try withoutActuallyEscaping(shouldStop) { shouldStop in
            try withoutActuallyEscaping(onEvent) { onEvent in
                try body(TrainingWatcher(shouldStop: shouldStop, onEvent: onEvent))
            }
        }
    }
}

/// Keeps everything in memory: for training that nobody wants to go on with another day.
final class MemoryKeeper<Cursor: Codable & Equatable & Sendable>: TrainingKeeper {
    typealias Moment = TrainingMoment<Cursor>

    let name: String
    var history = History()
    var marked: TrainingPosition<Cursor>
    private var sections: Moment.Sections
    private var best: Moment.Sections?

    init(_ moment: Moment, name: String) {
        (marked, sections, self.name) = (moment.state.position, moment.sections, name)
    }

    func begin(_ moment: Moment, of plan: some RunPlan, now: @escaping () -> Double, _ watcher: TrainingWatcher) {}
    func beat() {}
    func mark(_ moment: Moment) { (marked, sections) = (moment.state.position, moment.sections) }
    func markedSections() -> Moment.Sections { sections }
    func stepDone() {}

    func wentBack() {
        history.metrics.removeAll { $0.step > marked.step }
        history.samples.removeAll { $0.step > marked.step }
    }

    var holdsPresent: Bool { false }
    func isSaveDue(at step: Int, every: Int?) -> Bool { false }

    func save(_ moment: Moment, of plan: some RunPlan, as reason: SaveReason, _ watcher: TrainingWatcher) {
        if reason.isBest { best = moment.sections }
    }

    func bestSections() -> Moment.Sections? { best }
    func end(_ status: Run.Status, _ moment: Moment, _ watcher: TrainingWatcher) {}
    func besideComputing<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }
}
