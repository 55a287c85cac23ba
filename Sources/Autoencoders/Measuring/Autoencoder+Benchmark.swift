import Images
package import Training
package import TrainingRuns

extension Autoencoder {
    /// What `ae bench` measures: the networks that `ae train` chooses for pictures of these formats, as it trains them and
    /// as `ae encode` uses them; without reading files.
    /// - Throws: ``RunError/invalidOption(_:reason:)``, if the usual options were not valid.
    package static func benchmark() throws(RunError) -> [any BenchmarkWork] {
        let grey = PictureFormat(width: 28, height: 28, channels: 1)
        let color = PictureFormat(width: 64, height: 64, channels: 3)
        return [
            try AutoencoderWork(.training, grey), try AutoencoderWork(.encoding, grey),
            try AutoencoderWork(.training, color), try AutoencoderWork(.encoding, color),
        ]
    }
}
