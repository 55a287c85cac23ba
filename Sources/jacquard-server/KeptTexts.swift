#if Server
    import Checkpoints
    import Synchronization

    /// The store as the place of people's texts. It is opened for writing only when somebody writes one: until then the
    /// server leaves the file as it is.
    final class KeptTexts: Sendable {
        let forReading: CheckpointStore
        private let opened = Mutex<CheckpointStore?>(nil)

        init(_ store: CheckpointStore) { forReading = store }

        /// - Throws: ``StoreError``
        var forWriting: CheckpointStore {
            get throws {
                try opened.withLock { opened in
                    if let opened { return opened }
                    let store = try forReading.openedForWriting()
                    store.restBetweenCalls()
                    opened = store
                    return store
                }
            }
        }

        func close() { opened.withLock { try? $0?.close() } }
    }
#endif
