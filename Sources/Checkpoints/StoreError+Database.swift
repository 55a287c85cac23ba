import Foundation
import GRDB

extension StoreError {
    /// What SQLite's result code means to somebody who only wanted to train.
    init(_ error: DatabaseError, path: String, busyTimeout: Double) {
        let message = error.message ?? "no message"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .locked(path: path, seconds: busyTimeout)
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: message)
        case .SQLITE_NOTADB: self = .notSQLite(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: self = .notWritable(path: path, reason: message)
        case .SQLITE_CANTOPEN: self = .unreadable(path: path, reason: message)
        case .SQLITE_IOERR where Self.isOutOfSpace(error.extendedResultCode): self = .full(path: path)
        default:
            self = .database(
                path: path, code: Int(error.extendedResultCode.rawValue), message: message, sql: error.sql)
        }
    }

    /// The shared-memory file beside a store in use is grown first, with an error of its own when that fails.
    static func isOutOfSpace(_ code: ResultCode) -> Bool { code == .SQLITE_IOERR_SHMSIZE }
}

/// Runs `body` and turns whatever it throws into a `StoreError`.
func translating<Result>(
    path: String, busyTimeout: Double, _ body: () throws -> Result
) throws(StoreError) -> Result {
    do {
        return try body()
    } catch let error as StoreError {
        throw error
    } catch let error as DatabaseError {
        throw StoreError(error, path: path, busyTimeout: busyTimeout)
    } catch {
        throw .database(path: path, code: -1, message: "\(error)", sql: nil)
    }
}
