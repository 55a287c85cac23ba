import Jacquard

/// # 5.2-5.3 Pooling and flatten
///
/// Pooling makes a picture smaller: of each window it keeps the largest pixel, or the mean. It has no weights. The gradient
/// goes back to the pixel that was the largest, all of it, or to all pixels of the window in equal parts.
///
/// Flatten writes the channels of a picture one behind the other, [N, C, H, W] to [N, C·H·W], so that a dense layer can read
/// them. It computes nothing; the gradient gets the old shape back.
public struct PoolingAndFlatten: Lesson {
    public static let about = About(
        "5.2-5.3", "Pooling and flatten",
        shows: "The book's picture of 4×4 pixels, pooled by hand and by the engine; where gradients go.", seconds: 0.1)

    public init() {}

    /// The pixels of each window of 2×2, from the left and from above.
    func windows(of picture: [[Double]]) -> [[Double]] {
        var windows: [[Double]] = []
        for row in stride(from: 0, to: picture.count, by: 2) {
            for column in stride(from: 0, to: picture[row].count, by: 2) {
                let pair = column...column + 1
                windows.append(Array(picture[row][pair] + picture[row + 1][pair]))
            }
        }
        return windows
    }

    public func run(with materials: Materials) -> Report {
        let picture: [[Double]] = [[5, 1, 0, 6], [3, 5, 5, 6], [9, 0, 3, 2], [4, 7, 0, 7]]
        let largest = windows(of: picture).map { $0.max() ?? 0 }
        let means = windows(of: picture).map { $0.reduce(0, +) / 4 }

        func byTheEngine(_ layer: any Layer) -> (result: [Double], gradient: [Double]) {
            let tape = Tape(in: materials.context)
            let pixels = tape.variable(Tensor(picture.joined().map(Float.init), shape: [1, 1, 4, 4]))
            let result = layer(pixels, mode: .inference)
            let gradient = tape.backward(from: result.sum())[pixels]
            return (result.value.values.map(Double.init), gradient?.values.map(Double.init) ?? [])
        }
        let byMax = byTheEngine(MaxPool2D(2)), byMean = byTheEngine(AveragePool2D(2))
        let flat = Flatten().predict(Tensor(zeros: [60, 16, 28, 28]), in: materials.context)

        return Report(
            [
                Row("largest of each window, by hand", book: [5, 6, 9, 7], here: largest, as: .digits(0)),
                Row("largest, by the engine", here: byMax.result, as: .digits(0)),
                Row("means, by hand", book: [3.5, 4.25, 5, 3], here: means, as: .digits(2)),
                Row("means, by the engine", here: byMean.result, as: .digits(2)),
                Row("gradient of the largest, first two rows", here: Array(byMax.gradient[..<8]), as: .digits(0)),
                Row("the last two rows", here: Array(byMax.gradient[8...]), as: .digits(0)),
                Row("gradient of the means, first row", here: Array(byMean.gradient[..<4]), as: .digits(2)),
                Row("60 pictures with 16 channels, flattened", here: "\(flat.shape)"),
            ],
            takeaway:
                "Pooling throws away where in its window something was, and keeps how strong it was; where several pixels are "
                + "the largest, as two fives and two sixes are here, the engine gives the gradient to the first.")
    }
}
