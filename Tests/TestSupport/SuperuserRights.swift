import Foundation

/// The superuser may read and write everything. What others are denied is tried in a process that can become another
/// user for good: that of an exit test.
///
/// - Throws: `POSIXError` if it cannot.
public func giveUpSuperuserRights() throws {
    guard getuid() == 0 else { return }
    let nobody: UInt32 = 65534
    guard setgid(nobody) == 0, setuid(nobody) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM) }
}
