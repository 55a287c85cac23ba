import Synchronization

/// What was written for a request and not taken yet, between the thread that computes and the task that answers.
package final class WrittenPieces: Sendable {
    private struct State {
        var pieces: [WrittenPiece] = []
        /// Texts that have not ended.
        var remaining: Int
        /// Why no more comes, other than that all have ended.
        var failure: ServedModelError?
        var isAbandoned = false
        var waiter: CheckedContinuation<Void, Never>?

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }

        var isOver: Bool { remaining == 0 || isAbandoned || failure != nil }
    }
    private let state: Mutex<State>

    /// - Parameter texts: how many are to come.
    init(texts: Int) { state = Mutex(State(remaining: texts)) }

    // MARK: For the one who writes

    /// Whether nobody wants more.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    func append(_ piece: WrittenPiece) {
        let waiter = state.withLock { state in
            if let last = state.pieces.lastIndex(where: { $0.text == piece.text }), state.pieces[last].ending == nil {
                state.pieces[last].append(piece)
            } else {
                state.pieces.append(piece)
            }
            if piece.ending != nil { state.remaining -= 1 }
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// No more comes.
    func fail(_ error: ServedModelError) {
        let waiter = state.withLock { state in
            state.failure = error
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    // MARK: For the one who answers

    /// What has been written since the last call, each text at most once; nil once all have ended.
    /// - Throws: ``ServedModelError``, what has ended the writing before its time; `CancellationError` where nobody wanted
    ///   more. Half a text is never taken for a whole one.
    package func next() async throws -> [WrittenPiece]? {
        while true {
            let (pieces, remaining, failure, isAbandoned) = state.withLock { state in
                defer { state.pieces = [] }
                return (state.pieces, state.remaining, state.failure, state.isAbandoned)
            }
            if !pieces.isEmpty { return pieces }
            if let failure { throw failure }
            if remaining == 0 { return nil }
            if isAbandoned { throw CancellationError() }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if !state.pieces.isEmpty || state.isOver { return true }
                        state.waiter = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                abandon()
            }
        }
    }

    /// Ends the writing: nobody wants more.
    package func abandon() {
        let waiter = state.withLock { state in
            state.isAbandoned = true
            return state.takeWaiter()
        }
        waiter?.resume()
    }
}
