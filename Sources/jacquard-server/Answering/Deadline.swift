#if Server
    /// An operation took longer than it may.
    struct DeadlinePassed: Error {}

    /// What an operation gives, if it does in time; otherwise it is cancelled.
    /// - Throws: ``DeadlinePassed``, and what the operation throws.
    func within<Result: Sendable>(
        _ seconds: Double, _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw DeadlinePassed()
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
#endif
