import Autoencoders
import TensorCore
import Testing

@Suite struct PictureOrderTests {
    let context = ComputeContext(threads: 1)

    /// Each pass is a permutation of its own, the same whoever asks.
    @Test func passesDiffer() {
        let training = [3, 5, 6, 8, 9, 11, 20, 21, 22, 30]
        let order = PictureOrder(training: training, batch: 4, seed: 7)
        let passes = (0..<6).map { order.indices(epoch: $0, in: context) }
        #expect(passes.allSatisfy { $0.sorted() == training })
        #expect(Set(passes).count == 6)
        #expect(order.indices(epoch: 3, in: ComputeContext(threads: 3)) == passes[3])
        #expect(PictureOrder(training: training, batch: 4, seed: 8).indices(epoch: 0, in: context) != passes[0])
    }

    /// What does not fill a last batch waits for another pass.
    @Test func batchesFollowEachOther() {
        let order = PictureOrder(training: Array(0..<10), batch: 4, seed: 1)
        var cursor = PictureCursor(), places: [PictureCursor] = []
        for _ in 0..<5 {
            places.append(cursor)
            cursor = order.next(after: cursor)
        }
        #expect(places.map(\.epoch) == [0, 0, 1, 1, 2] && places.map(\.batch) == [0, 1, 0, 1, 0])
        let single = PictureOrder(training: [7], batch: 1, seed: 1)
        #expect(single.next(after: PictureCursor()) == PictureCursor(epoch: 1))
    }
}
