import CFailingDisk
import Foundation

/// What fails, and how.
enum Fault: String, CaseIterable {
    case full, denied, io, short, killed

    var value: disk_fault {
        switch self {
        case .full: disk_fault_full
        case .denied: disk_fault_denied
        case .io: disk_fault_io
        case .short: disk_fault_short
        case .killed: disk_fault_killed
        }
    }
}

/// What is left out of what was not synchronized when the power goes.
enum Loss {
    case none, all
    case seed(UInt64)
}

/// A folder that poses as a disk. Only what is done between `watch` and `unwatch` is counted, fails and is recorded.
struct Disk {
    let path: String

    /// In memory, where there is a file system there: nothing in here has to outlive the program.
    static let home: String = {
        let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let path = "\(base)/jacquard-disk-\(getpid())"
        mkdir(path, 0o777)
        // Whatever is to be kept elsewhere is kept on the disk that fails.
        setenv("TMPDIR", "\(path)/disk", 1)
        return path
    }()

    init(_ name: String) { path = "\(Self.home)/\(name)" }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes the folder anew, with what another one holds; watched it is no more.
    func become(copying other: Disk? = nil) throws {
        if isWatched { Self.unwatch() }
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        if let other {
            try FileManager.default.copyItem(atPath: other.path, toPath: path)
        } else {
            mkdir(path, 0o777)
        }
    }

    /// All files, as paths within.
    var files: [String] {
        let enumerator = FileManager.default.enumerator(atPath: path)
        return (enumerator?.compactMap { $0 as? String } ?? []).sorted()
    }

    // MARK: Watching

    nonisolated(unsafe) private static var watched: String?

    private var isWatched: Bool { Self.watched == path }

    /// From here on everything that is done in it goes through; the process stands in it.
    func watch() {
        chdir(path)
        disk_watch(path)
        Self.watched = path
    }

    static func unwatch() {
        chdir("/")
        disk_watch(nil)
        watched = nil
    }

    private(set) nonisolated(unsafe) static var acting = 0

    static func become(process: Int) {
        disk_become(Int32(process))
        acting = process
    }

    /// Whether nothing fails or is counted.
    nonisolated(unsafe) static var isPaused = false {
        didSet { disk_pause(isPaused) }
    }

    nonisolated(unsafe) private static var interruption: (() -> Void)?

    /// Calls `body` in the middle of what the process that acts does, at the operation of this number or soon after.
    static func interrupt(at operation: Int, _ body: @escaping () -> Void) {
        interruption = body
        disk_interrupt(Int32(operation), { _ in Disk.letOtherAct() }, nil)
    }

    private static func letOtherAct() {
        let mine = acting
        interruption?()
        acting = mine
    }

    static func synchronize(_ folder: String) {
        let descriptor = open(folder, O_RDONLY)
        fsync(descriptor)
        close(descriptor)
    }

    /// - Parameter operation: from 1.
    static func plan(_ fault: Fault? = nil, at operation: Int = 0, forever: Bool = false) {
        disk_plan(fault?.value ?? disk_fault_none, Int32(operation), forever)
    }

    static var operationCount: Int { Int(disk_operation_count()) }
    static var failureCount: Int { Int(disk_failure_count()) }
    static var firstFailure: String { String(cString: disk_first_failure()) }
    static var openCount: Int { Int(disk_open_count()) }

    /// The operations since the last plan that can fail like this.
    static func operations(thatCan fault: Fault) -> [Int] {
        (0..<operationCount).map { $0 + 1 }.filter { disk_can_fail(fault.value, Int32($0)) }
    }

    // MARK: Power

    static var recordLength: Int { Int(disk_record_length()) }

    /// Makes this disk what the one that is watched may hold after a power cut. That one is watched further.
    func becomeImage(after length: Int, _ loss: Loss) throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        mkdir(path, 0o777)
        let isWritten =
            switch loss {
            case .none: disk_write_image(Int32(length), disk_loss_none, 0, path)
            case .all: disk_write_image(Int32(length), disk_loss_all, 0, path)
            case .seed(let seed): disk_write_image(Int32(length), disk_loss_by_seed, seed, path)
            }
        guard isWritten else { throw Problem("no image can be written to \(path)") }
    }

    static var imageText: String { String(cString: disk_image_text()) }

    static func recordText(_ index: Int) -> String { String(cString: disk_record_text(Int32(index))) }
}

/// Something that must not be.
struct Problem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// splitmix64: the same numbers from a seed everywhere.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// From 0 to one below.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// Whether it happens, so many times of a hundred.
    mutating func happens(_ percent: Int) -> Bool { below(100) < percent }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
