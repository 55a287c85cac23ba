import CKernels
import Kernels
import Testing

/// The counter-based generator against a scalar one written from the paper, which itself is checked on the vectors
/// published with Random123 (`kat_vectors`, philox4x32-10).
@Suite struct PhiloxTests {
    static func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
        var (c, k) = (counter, key)
        for _ in 0..<10 {
            let (high0, low0) = (UInt32(0xD251_1F53)).multipliedFullWidth(by: c[0])
            let (high1, low1) = (UInt32(0xCD9E_8D57)).multipliedFullWidth(by: c[2])
            c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
            k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
        }
        return c
    }

    /// Draw `index` as CKernels defines it: word (index / 16) % 4 of counter (index / 64) 16 + index % 16.
    static func draw(_ key: CKRandomKey, _ index: UInt64) -> UInt32 {
        func low(_ x: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: x) }
        func high(_ x: UInt64) -> UInt32 { UInt32(x >> 32) }
        let block = index / 64 * 16 + index % 16
        let words = philox(
            [low(block), high(block), low(key.stream), low(key.step)],
            [
                low(key.seed) ^ (high(key.stream) &* 0x85EB_CA6B), high(key.seed) ^ (high(key.step) &* 0xC2B2_AE35),
            ])
        return words[Int(index / 16 % 4)]
    }

    @Test func publishedVectors() {
        let ones = UInt32.max
        #expect(
            Self.philox([0, 0, 0, 0], [0, 0]) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        #expect(
            Self.philox([ones, ones, ones, ones], [ones, ones])
                == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        #expect(
            Self.philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0])
                == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    static var keys: [CKRandomKey] {
        [
            CKRandomKey(seed: 0, stream: 0, step: 0), CKRandomKey(seed: 1, stream: 2, step: 3),
            CKRandomKey(seed: 0xdead_beef_0bad_f00d, stream: 0x1_0000_0007, step: 0xffff_ffff_ffff_fff0),
        ]
    }

    @Test(arguments: InstructionSet.available)
    func everyDrawIsTheScalarOne(_ set: InstructionSet) {
        for key in Self.keys {
            for first: UInt64 in [0, 1, 15, 17, 63, 64, 1000, 0x4_0000_0000 - 40, 0x123_4567_89ab_cdef] {
                var bits = [UInt32](repeating: 0, count: 150)
                set.table.random_bits(key, first, &bits, bits.count)
                let expected = (0..<150).map { Self.draw(key, first + UInt64($0)) }
                #expect(bits == expected, "\(set), from \(first)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func uniformAndDropoutUseTheTopBits(_ set: InstructionSet) {
        let key = Self.keys[1], n = 93, first: UInt64 = 21
        var uniform = [Float](repeating: -1, count: n)
        set.table.uniform(key, first, &uniform, n)
        let expected = (0..<n).map { Float(Self.draw(key, first + UInt64($0)) >> 8) * 0x1p-24 }
        #expect(uniform == expected)
        var kept = [Float](repeating: -1, count: n)
        set.table.dropout(key, first, 0.3, 2.5, [Float](repeating: 4, count: n), &kept, n)
        #expect(kept == expected.map { $0 >= 0.3 ? 10 : 0 })
    }

    /// A draw depends on its index only: any piece of a sequence equals that part of the whole.
    @Test func piecesEqualTheWhole() {
        let kernels = InstructionSet.available[0].table, key = Self.keys[2], total = 211
        var whole = [Float](repeating: 0, count: total)
        kernels.normal(key, 0, &whole, total)
        for first in 0..<70 {
            var piece = [Float](repeating: 0, count: 37)
            kernels.normal(key, UInt64(first), &piece, piece.count)
            #expect(piece.elementsEqual(whole[first..<first + 37]))
        }
    }
}
