import Jacquard

/// # A.3 Convolution as a matrix product
///
/// A convolution slides a window over an image and weighs what it sees. Write everything that each window sees into a row of a
/// matrix, image after image, window after window, and all of it is one product (the trick is called im2col):
///
///     Y = P Wᵀ        P [N H W, C k k],  W [O, C k k],  Y [N H W, O]
///
/// So the gradients are those of a product: ∂L/∂W = Gᵀ P, and ∂L/∂P = G W, from which every pixel collects what belongs to it
/// from all windows that saw it. One thing must be kept: the rows of G have to stand in the order of the rows of P. The
/// book's library lays P out by pixels first and G by images first. With one image that is the same; with more, rows of
/// different windows are multiplied, and no error tells. It forgets to turn the window on the way back to the pixels, too.
public struct ConvolutionAsProduct: Lesson {
    public static let about = About(
        "A.3", "Convolution as a matrix product", shows: "One product, and its gradients at any batch.", seconds: 0.1)

    public init() {}

    let size = 6, channels = 2, outputs = 3, kernel = 3

    /// Calls `body` with the place of a pixel in [N, C, H, W] and its place in P, for all that windows see of images.
    func eachSeen(_ images: Int, _ body: (_ pixel: Int, _ entry: Int) -> Void) {
        for image in 0..<images {
            for window in 0..<size * size {
                for channel in 0..<channels {
                    for tap in 0..<kernel * kernel {
                        let y = window / size + tap / kernel - kernel / 2, x = window % size + tap % kernel - kernel / 2
                        guard 0..<size ~= y, 0..<size ~= x else { continue }  // zeros around the image
                        let row = image * size * size + window
                        body(
                            ((image * channels + channel) * size + y) * size + x,
                            (row * channels + channel) * kernel * kernel + tap)
                    }
                }
            }
        }
    }

    /// P of some images.
    func windows(_ images: Tensor) -> Tensor {
        let pixels = images.values
        var entries = [Float](repeating: 0, count: images.shape[0] * size * size * channels * kernel * kernel)
        eachSeen(images.shape[0]) { entries[$1] = pixels[$0] }
        return Tensor(entries, shape: [images.shape[0] * size * size, channels * kernel * kernel])
    }

    /// The gradients of Σ G Y by the weights, [O, C k k], and by the images.
    func backward(_ images: Tensor, _ w: Tensor, _ g: Tensor, in context: ComputeContext) -> (w: Tensor, images: Tensor)
    {
        let byWindows = g.multiplied(by: w, in: context).values
        var pixels = [Float](repeating: 0, count: images.count)
        eachSeen(images.shape[0]) { pixels[$0] += byWindows[$1] }
        return (
            g.multiplied(by: windows(images), transposeSelf: true, in: context), Tensor(pixels, shape: images.shape)
        )
    }

    public func run(with materials: Materials) -> Report {
        let context = materials.context, taps = channels * kernel * kernel
        func normal(_ shape: Shape, _ stream: UInt64) -> Tensor {
            RandomStream(seed: 5, stream: stream).normal(shape, in: context)
        }
        /// The length of a difference, as a part of the length of what is right.
        func error(_ tensor: Tensor, _ right: Tensor?) -> Double {
            guard let right = right?.reshaped(to: tensor.shape) else { return .nan }
            let difference = tensor - right
            return ((difference * difference).sum / (right * right).sum).squareRoot()
        }
        let w = normal([outputs, taps], 1), layer = Convolution2D(channels, outputs, kernel: 3, padding: 1, bias: false)
        layer.initialize(seed: 1, in: context)
        layer.weight.value = w.reshaped(to: layer.weight.shape)

        var rows: [Row] = []
        for count in [1, 4] {
            let images = normal([count, channels, size, size], 2), g = normal([count * size * size, outputs], 3)
            let product = windows(images).multiplied(by: w, transposeOther: true, in: context)
            let (byW, byImages) = backward(images, w, g, in: context)

            // The engine's convolution, whose result is [N, O, H, W].
            func laidOut(_ y: Tensor) -> Tensor {
                Tensor(
                    (0..<count).flatMap { y.rows($0 * size * size..<($0 + 1) * size * size).transposed.values },
                    shape: [count, outputs, size, size])
            }
            let tape = Tape(in: context), x = tape.variable(images), y = layer(x, mode: .inference)
            let gradients = tape.backward(from: [(y, laidOut(g))])

            // The book's: the rows of P by pixels, those of G by images; and taps that are not turned on the way back.
            let byPixels = (0..<count * size * size).map { $0 % count * size * size + $0 / count }
            let mixed = g.multiplied(by: windows(images).rows(byPixels), transposeSelf: true, in: context)
            let turned = Tensor(w.values.indices.map { w.values[$0 - $0 % 9 + 8 - $0 % 9] }, shape: w.shape)
            let unturned = backward(images, turned, g, in: context).images
            let name = count == 1 ? "one image" : "four images"
            rows += [
                Row("\(name): to the engine's output", here: error(laidOut(product), y.value), as: .digits(6)),
                Row("\(name): weight gradient", here: error(byW, gradients[layer.weight]), as: .digits(6)),
                Row("\(name): image gradient", here: error(byImages, gradients[x]), as: .digits(6)),
                Row("\(name): weight gradient as in the book", here: error(mixed, gradients[layer.weight])),
                Row("\(name): image gradient as in the book", here: error(unturned, gradients[x])),
            ]
        }
        return Report(
            rows,
            takeaway:
                "A convolution is a matrix product, and so are its gradients, if the rows of both factors are the same windows; "
                + "with a single image one does not notice when they are not.")
    }
}
