import Autoencoders
import Images
import TrainingRuns

/// What to fix before a ``PictureModel`` is trained. Whatever is left nil follows from the pictures.
public struct PictureOptions: Sendable, Equatable {
    /// What the autoencoder is trained to do.
    public enum Kind: Sendable, Equatable {
        /// To bring pictures back.
        case plain
        /// To bring pictures back that were spoiled: `noise` is the standard deviation of what is added to values in
        /// 0…1, `masking` the share of pixels set to black (Vincent et al. 2008).
        case denoising(noise: Double, masking: Double)
        /// The same with codes that press towards a unit Gaussian, so that new ones can be drawn (Kingma & Welling
        /// 2014).
        case variational
    }

    /// Plain unless another is named, or a model that training starts from is of another.
    public var kind: Kind?
    /// Numbers in a code.
    public var code: Int?
    /// Width and height in pixels that pictures are fitted into, each 1 to 4,096.
    public var size: (width: Int, height: Int)?
    /// Whether pictures are seen in gray, whatever their colors.
    public var isGray = false
    /// Of the products in training: single unless another is named. Whatever uses the model later computes in
    /// single precision.
    public var precision: TrainingPrecision?
    /// The highest learning rate of AdamW's schedule.
    public var learningRate: Double?
    /// Passes over the training part.
    public var epochs: Double?
    /// Time that training may take, all in all; the number of steps then follows from the machine's speed. With
    /// `epochs` besides, training ends with whichever comes first, with the best weights so far.
    public var timeLimit: Duration?
    /// Seed of all random numbers: same build, pictures, options and seed give the same model, bit for bit.
    public var seed: UInt64 = 1

    /// Everything follows from the pictures.
    public init() {}

    /// Whether all options are the same.
    public static func == (a: PictureOptions, b: PictureOptions) -> Bool {
        a.given == b.given && a.size?.width == b.size?.width && a.size?.height == b.size?.height
    }

    /// - Throws: of a size that is none.
    var planned: AutoencoderOptions {
        get throws(RunError) {
            var options = given
            guard let (width, height) = size else { return options }
            let sides = 1...PictureSize.longestTypedSide
            guard sides.contains(width) && sides.contains(height) else {
                throw .invalidOption(
                    "size",
                    reason: "width and height are from 1 to \(sides.upperBound) pixels, not \(width) and \(height)")
            }
            options.size = PictureSize(width: width, height: height)
            return options
        }
    }

    /// All but the size.
    private var given: AutoencoderOptions {
        var options = AutoencoderOptions()
        switch kind {
        case .plain: options.kind = .plain
        case .denoising(let noise, let masking): options.kind = .denoising(noise: noise, masking: masking)
        case .variational: options.kind = .variational(freeNats: 0)
        case nil: break
        }
        if isGray { options.isGray = true }
        options.code = code
        options.precision = precision?.ofProducts
        options.learningRate = learningRate
        options.epochs = epochs
        options.timeLimit = timeLimit.map { $0 / .seconds(1) }
        options.seed = seed
        return options
    }
}
