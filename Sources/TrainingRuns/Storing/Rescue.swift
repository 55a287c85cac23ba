package import Checkpoints

/// Where a session has put its work when its own store could not take it.
package struct Rescue: Sendable, Equatable {
    package let storePath: String
    /// The run in that store.
    package let run: String
    /// Why.
    package let reason: StoreError
}

extension StoreError {
    /// Whether the run is no longer this session's, while the store may well be.
    var isLossOfRun: Bool {
        switch self {
        case .takenOver, .beingTrained, .runRemoved, .goesBack: true
        default: false
        }
    }

    /// Whether the file that was opened is not there any more.
    var isLossOfFile: Bool {
        if case .moved = self { return true }
        return false
    }

    /// Whether it may work in another file, or later.
    var isPassing: Bool {
        switch self {
        case .json, .closed: false
        default: true
        }
    }
}
