import Autoencoders
import Images
import Kernels
import Requirements
public import TensorCore

extension PictureModel {
    /// Pictures [N, C, H, W] in 0…1 to codes [N, K]; of a variational model the means.
    public func encode(_ pictures: Tensor) -> Tensor {
        require(
            pictures.shape.dimensions.dropFirst() == pictureShape.dimensions[...],
            "pictures of shape \(pictures.shape) for a model of [N] + \(pictureShape)")
        return pictures.shape[0] == 0 ? Tensor(zeros: [0, codeSize]) : saved.encode(pictures, in: context)
    }

    /// Codes [N, K] to pictures [N, C, H, W] in 0…1.
    public func decode(_ codes: Tensor) -> Tensor {
        require(
            codes.shape.rank == 2 && codes.shape[1] == codeSize,
            "codes of shape \(codes.shape) for a model of [N, \(codeSize)]")
        return codes.shape[0] == 0
            ? Tensor(zeros: Shape([0] + pictureShape.dimensions)) : saved.decode(codes, in: context)
    }

    /// Reads pictures as the model sees them: fitted into its size, in its colors.
    ///
    /// All of them are held in memory, C H W floats each; ``encode(_:)-([String])`` reads any number.
    /// - Parameter paths: folders, files, IDX sets, NumPy arrays.
    /// - Returns: [N, C, H, W] in 0…1, in the order of their names.
    /// - Throws: ``ModelError``, for the first that cannot be read.
    public func read(_ paths: [String]) throws -> Tensor {
        try ModelError.translating {
            let source = try source(paths)
            return try source.batch(source.usableIndices).tensor()
        }
    }

    /// The codes of any number of pictures, decoded ahead on other threads.
    /// - Throws: ``ModelError``, for the first that cannot be read.
    public func encode(_ paths: [String]) throws -> EncodedPictures {
        try ModelError.translating {
            guard let codes = try saved.codes(of: PicturePass(source(paths)), in: context) else {
                throw CancellationError()
            }
            return EncodedPictures(names: codes.names, labels: codes.labels, codes: codes.codes)
        }
    }

    /// The pictures whose codes are nearest to that of another, by Euclidean distance, nearest first.
    /// - Parameters:
    ///   - path: one picture; among the others a picture of the same code is found too.
    ///   - pictures: those to search, encoded by this model.
    ///   - count: how many to find, 0 or more.
    /// - Throws: ``ModelError`` if the picture cannot be read, or the count is below 0.
    public func nearest(to path: String, among pictures: EncodedPictures, count: Int = 8) throws -> [NearPicture] {
        try ModelError.check(count >= 0, "count", "0 or more, not \(count)")
        return try ModelError.translating {
            let code = try saved.code(of: PictureReference.find(path), in: context).code
            let codes = PictureCodes(names: pictures.names, labels: pictures.labels, codes: pictures.codes)
            return try NearPictures(to: code, among: codes, count: count, in: context).neighbors.map {
                NearPicture(name: $0.name, label: $0.label, distance: Double($0.distance))
            }
        }
    }

    /// How badly each picture comes back: the mean squared error of its own pixels in 0…1, filling left out. What is
    /// unlike all that the model has learned from has a large one.
    /// - Returns: in the order of the pictures' names.
    /// - Throws: ``ModelError``, for the first that cannot be read.
    public func reconstructionErrors(_ paths: [String]) throws -> [(name: String, error: Double)] {
        try ModelError.translating {
            guard let scores = try saved.scores(of: PicturePass(source(paths)), in: context) else {
                throw CancellationError()
            }
            return scores.map { ($0.name, $0.error.meanSquared) }
        }
    }

    /// Draws new pictures: codes from the unit Gaussian of a variational model, or from a mixture of Gaussians fitted to
    /// given codes, decoded.
    /// - Parameters:
    ///   - count: how many to draw, 0 or more.
    ///   - codes: of pictures; needed unless the model is variational.
    ///   - seed: another one, other pictures.
    /// - Returns: [count, C, H, W] in 0…1.
    /// - Throws: ``ModelError`` if codes are needed and missing, or too few, or the count is below 0.
    public func sample(_ count: Int, from codes: EncodedPictures? = nil, seed: UInt64 = 1) throws -> Tensor {
        try ModelError.check(count >= 0, "count", "0 or more, not \(count)")
        return try ModelError.translating {
            let sampler = try saved.sampler(.natural, in: context) {
                guard let codes else {
                    throw ModelError(
                        .option("codes"), "codes: run '\(name)' is not variational: give codes of pictures to draw from"
                    )
                }
                return PictureCodes(names: codes.names, labels: codes.labels, codes: codes.codes)
            }
            guard let sampler else { throw CancellationError() }
            return decode(sampler.draw(count, seed: seed, in: context))
        }
    }

    /// Writes pictures side by side into one PNG file.
    /// - Parameters:
    ///   - pictures: [N, C, H, W] in 0…1, one or more, as ``decode(_:)`` and ``sample(_:from:seed:)`` return them.
    ///   - path: ends in .png. A file that is there already stays as it is, unless it was written by this package.
    /// - Throws: ``ModelError`` if it cannot be written, or there is no picture.
    public func write(_ pictures: Tensor, to path: String) throws {
        let shape = pictureShape
        require(
            pictures.shape.rank == 4 && pictures.shape.dimensions.dropFirst() == shape.dimensions[...],
            "pictures of shape \(pictures.shape) for a model of [N] + \(shape)")
        try ModelError.check(pictures.shape[0] > 0, "pictures", "one or more, not of shape \(pictures.shape)")
        try ModelError.translating {
            let format = saved.format, placement = Placement(filling: format)
            let drawn = pictures.withUnsafePointer { values in
                (0..<pictures.shape[0]).map {
                    placement.restored(
                        from: UnsafeBufferPointer(start: values + $0 * format.count, count: format.count), in: format)
                }
            }
            let output = PictureOutput(description: "run '\(name)', step \(saved.step)")
            try output.check(path)
            try output.write(drawn.count == 1 ? drawn[0] : ContactSheet().picture(of: drawn), to: path)
        }
    }

    private func source(_ paths: [String]) throws -> StreamedPictures {
        StreamedPictures(
            try ImageCollection.scan(paths, isStrict: true), format: saved.format,
            options: LoadingOptions(threads: context.workers.count, isStrict: true))
    }
}

/// Codes of pictures with what belongs to them.
public struct EncodedPictures: Sendable {
    /// The path of each below the folder it was found in.
    public let names: [String]
    /// The class of each, where it has one: the folder it lies in, or its label in an IDX set.
    public let labels: [String?]
    /// [N, K], one row for each name.
    public let codes: Tensor
}

/// A picture near to another.
public struct NearPicture: Sendable, Equatable, CustomStringConvertible {
    /// Its path below the folder it was found in.
    public let name: String
    /// Its class, where it has one.
    public let label: String?
    /// Euclidean distance of the codes.
    public let distance: Double

    /// Distance and name.
    public var description: String { "\(distance)  \(name)" }
}
