import Foundation

/// What this machine allows tests to do. A test that needs more is skipped, and reported as skipped.
package enum Machine {
    /// In front of a command: runs it as a user who owns nothing. A superuser writes anywhere.
    package static var asNobody: String { getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "" }

    /// Also where a container has the superuser's number without the rights.
    package static let canActAsNobody = succeeds(asNobody + "true")

    package static let canMountSmallDisks = succeeds("unshare -rm sh -c 'mount -t tmpfs -o size=400k none /tmp'")

    package static let hasPython = succeeds("python3 -c pass")

    private static func succeeds(_ script: String) -> Bool {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script]
        (shell.standardInput, shell.standardOutput, shell.standardError) = (
            FileHandle.nullDevice, FileHandle.nullDevice, FileHandle.nullDevice
        )
        guard (try? shell.run()) != nil else { return false }
        shell.waitUntilExit()
        return shell.terminationReason == .exit && shell.terminationStatus == 0
    }
}
