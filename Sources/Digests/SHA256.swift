import CDigests

/// The hash function SHA-256 (FIPS 180-4), fed piece by piece.
///
///     var hash = SHA256()
///     hash.update(bytes)
///     let digest = hash.finish()      // 64 lower-case hexadecimal digits, as `sha256sum` prints them
///
/// The digest depends on the bytes only, not on how they were cut into pieces. Where the processor has SHA
/// instructions they are used: about six times the speed of the portable C that is used elsewhere.
package struct SHA256: Sendable {
    /// Which compression function runs. Both give the same digest.
    package enum Implementation: Sendable {
        case portable
        case instructions

        /// The faster of the two that this processor has; the processor is asked once.
        package static let best: Implementation = jacquard_sha256_has_instructions() != 0 ? .instructions : .portable
    }

    private static let blockSize = 64

    private let implementation: Implementation
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var pending: [UInt8] = []
    private var byteCount: UInt64 = 0

    package init() {
        self.init(implementation: .best)
    }

    package init(implementation: Implementation) {
        self.implementation = implementation
        pending.reserveCapacity(2 * Self.blockSize)
    }

    /// Adds bytes to the message.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        byteCount += UInt64(bytes.count)
        var rest = bytes[...]
        if !pending.isEmpty {
            let wanted = min(Self.blockSize - pending.count, rest.count)
            pending.append(contentsOf: rest.prefix(wanted))
            rest = rest.dropFirst(wanted)
            guard pending.count == Self.blockSize else { return }
            let block = pending
            block.withUnsafeBytes { compress($0) }
            pending.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / Self.blockSize * Self.blockSize
        compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
        pending.append(contentsOf: rest.dropFirst(whole))
    }

    /// Adds bytes to the message.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything added so far, as 64 lower-case hexadecimal digits.
    package consuming func finish() -> String {
        var tail = pending
        tail.append(0x80)
        while tail.count % Self.blockSize != Self.blockSize - 8 { tail.append(0) }
        let bitCount = byteCount &* 8
        for shift in stride(from: 56, through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: bitCount >> shift)) }
        tail.withUnsafeBytes { compress($0) }
        return Self.hexadecimal(state)
    }

    private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
        guard let base = blocks.baseAddress, blocks.count > 0 else { return }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        switch implementation {
        case .portable: jacquard_sha256_portable(&state, bytes, blocks.count / Self.blockSize)
        case .instructions: jacquard_sha256_instructions(&state, bytes, blocks.count / Self.blockSize)
        }
    }

    private static func hexadecimal(_ words: [UInt32]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var characters: [UInt8] = []
        for word in words {
            for shift in stride(from: 28, through: 0, by: -4) {
                characters.append(digits[Int(word >> UInt32(shift)) & 15])
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

/// The SHA-256 of one piece of memory, as 64 lower-case hexadecimal digits.
package func sha256(of bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
}
