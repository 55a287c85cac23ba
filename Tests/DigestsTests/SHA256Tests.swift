import Digests
import Testing

/// Published vectors: FIPS 180-2 appendix B and the NIST example values.
@Suite struct SHA256Tests {
    static let vectors: [(message: [UInt8], digest: String)] = [
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    @Test(arguments: [SHA256.Implementation.portable, .best], [0, 1, 2, 3])
    func publishedVectors(implementation: SHA256.Implementation, index: Int) {
        let (message, digest) = Self.vectors[index]
        var hash = SHA256(implementation: implementation)
        hash.update(message)
        #expect(hash.finish() == digest)
    }

    @Test(arguments: [1, 3, 55, 56, 63, 64, 65, 127, 1000])
    func piecesDoNotMatter(size: Int) {
        let message = (0..<5003).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 5) }
        var whole = SHA256(implementation: .portable)
        whole.update(message)
        var pieces = SHA256()
        for start in stride(from: 0, to: message.count, by: size) {
            pieces.update(Array(message[start..<min(start + size, message.count)]))
        }
        #expect(pieces.finish() == whole.finish())
    }

    @Test func ofMemory() {
        #expect(Self.vectors[1].message.withUnsafeBytes { sha256(of: $0) } == Self.vectors[1].digest)
    }
}
