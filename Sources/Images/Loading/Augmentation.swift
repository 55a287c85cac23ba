import Requirements
package import TensorCore

/// Small changes to training pictures, so that a network sees a little more than there is. Off unless asked for.
///
/// What happens to a picture is a pure function of (stream, epoch, its index in the collection): not of the batch it
/// is in, nor of who draws first.
package struct Augmentation: Hashable, Codable, Sendable {
    /// Pixels of the format by which a picture is moved at most, each way along each axis; every distance is equally
    /// likely. What comes in at an edge is the edge, drawn out.
    package var shift: Int
    /// Whether every second picture is mirrored left to right.
    package var flipsHorizontally: Bool
    /// The most that is added to or taken from every value, as a share of white.
    package var brightness: Float

    package init(shift: Int = 0, flipsHorizontally: Bool = false, brightness: Float = 0) {
        require((0...Picture.longestSide).contains(shift), "a picture cannot be moved by \(shift) pixels at most")
        require((0...1).contains(brightness), "brightness changes by 0 to 1, not \(brightness)")
        self.shift = shift
        self.flipsHorizontally = flipsHorizontally
        self.brightness = brightness
    }

    /// A stored augmentation may be damaged.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let shift = try values.decode(Int.self, forKey: .shift)
        let brightness = try values.decode(Float.self, forKey: .brightness)
        guard (0...Picture.longestSide).contains(shift) && (0...1).contains(brightness) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "an augmentation by \(shift) pixels and a brightness of \(brightness)"))
        }
        self.init(
            shift: shift, flipsHorizontally: try values.decode(Bool.self, forKey: .flipsHorizontally),
            brightness: brightness)
    }

    package static let none = Augmentation()

    /// Changes the pixels of a batch. Its placements still say where the pictures lay before.
    ///
    /// - Parameters:
    ///   - stream: seed and stream; its step is not looked at.
    ///   - epoch: how often the collection has been gone through.
    package func apply(to batch: inout PictureBatch, stream: RandomStream, epoch: Int, in context: ComputeContext) {
        guard self != .none else { return }
        var stream = stream
        stream.step = UInt64(epoch)
        let format = batch.format
        for (position, index) in batch.indices.enumerated() {
            let change = Change(self, draws: stream.uniform(first: 4 * index, count: 4, in: context))
            batch.pixels.withUnsafeMutableBufferPointer { pixels in
                let first = position * format.count
                change.apply(to: .init(rebasing: pixels[first..<first + format.count]), format: format)
            }
        }
    }

    /// The changes that were drawn for one picture.
    private struct Change {
        let right: Int
        let down: Int
        let isMirrored: Bool
        let brightness: Int

        init(_ augmentation: Augmentation, draws: [Float]) {
            let shifts = Double(2 * augmentation.shift + 1)
            right = Int(Double(draws[0]) * shifts) - augmentation.shift
            down = Int(Double(draws[1]) * shifts) - augmentation.shift
            isMirrored = augmentation.flipsHorizontally && draws[2] < 0.5
            brightness = Int(((2 * draws[3] - 1) * augmentation.brightness * 255).rounded())
        }

        func apply(to pixels: UnsafeMutableBufferPointer<UInt8>, format: PictureFormat) {
            let before = Array(pixels)
            let values = (0...255).map { UInt8(max(0, min(255, $0 + brightness))) }
            let columns = (0..<format.width).map { column in
                let source = max(0, min(format.width - 1, column - right))
                return isMirrored ? format.width - 1 - source : source
            }
            var index = 0
            for channel in 0..<format.channels {
                for row in 0..<format.height {
                    let sourceRow = max(0, min(format.height - 1, row - down))
                    let first = (channel * format.height + sourceRow) * format.width
                    for column in columns {
                        pixels[index] = values[Int(before[first + column])]
                        index += 1
                    }
                }
            }
        }
    }
}
