import FileTrees
package import Images
package import Training

/// What a run knows of its pictures. Stored with the run as JSON.
package struct PictureRecord: Hashable, Codable, Sendable {
    /// Absolute, as they were named.
    package var paths: [String]
    /// Pictures held out besides, or instead of those that the rule holds out.
    package var heldOutPaths: [String]
    /// Of names and contents, see ``ImageCollection``.
    package var fingerprint: String
    /// Pictures, those that could not be read among them.
    @StoredCount package var count: Int
    @StoredCount package var trainingCount: Int
    @StoredCount package var validationCount: Int
    /// Pictures that could not be read, and are left out.
    @StoredCount package var unreadable: Int
    package var rule: CollectionSplit.Rule
    package var splitSeed: UInt64
    /// What follows from the pictures when nobody asks for a size or for gray.
    package var suggestedFormat: PictureFormat
    /// `pca_mse` of the held-out pictures with so many components.
    package var baselineError: Double?
    /// As many as the code has numbers; fewer where the training pictures do not vary in so many directions.
    package var baselineComponents: Int?
    /// The mean squared distance of a training picture from their mean, all values together; runs of older programs lack
    /// it.
    package var baselineVariance: Double?
    /// The file of weights that the run was made of; nil for one that was trained here.
    package var importedFrom: String?

    enum CodingKeys: String, CodingKey {
        case paths, fingerprint, count, unreadable
        case heldOutPaths = "held_out_paths"
        case trainingCount = "training_count"
        case validationCount = "validation_count"
        case rule = "validation_rule"
        case splitSeed = "split_seed"
        case suggestedFormat = "suggested_format"
        case baselineError = "pca_mse"
        case baselineComponents = "pca_components"
        case baselineVariance = "pca_total_variance"
        case importedFrom = "imported_from"
    }

    /// What a run is called when nobody names it: after the folder or file.
    var baseName: String {
        let last = paths.first.map { RawPath(bytes: RawPath($0).stem).text } ?? ""
        return last.isEmpty ? "pictures" : last
    }
}
