import FileTrees
package import Images

/// Writes pictures that say how they were made, without harming any that were there.
package struct PictureOutput {
    /// What the pictures say of themselves: "ae sample, run 'digits-1', step 1,500, seed 7".
    package let description: String
    package let overwriting: OutputGuard

    package init(description: String, overwriting: OutputGuard = OutputGuard()) {
        (self.description, self.overwriting) = (description, overwriting)
    }

    private var texts: [PNGText] {
        [PNGText("Software", OutputGuard.software), PNGText("Description", description)]
    }

    /// Checks a place for a picture before the work for it begins.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``,
    ///   ``AutoencoderError/outputKind(path:expected:)``
    package func check(_ path: String, endings: [String] = ["png"]) throws(AutoencoderError) {
        guard endings.contains(RawPath(path).ending) else {
            throw .outputKind(path: path, expected: endings.map { ".\($0)" }.joined(separator: " or "))
        }
        try overwriting.check(path)
    }

    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(_ picture: Picture, to path: String) throws { try write(picture, to: path, isDurable: true) }

    func write(_ picture: Picture, to path: String, isDurable: Bool) throws {
        try overwriting.write(PNG.encode(picture, texts: texts), to: path, isDurable: isDurable)
    }

    /// A plot as PNG or, by its name, as SVG.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(_ plot: ScatterPlot, to path: String) throws {
        guard path.lowercased().hasSuffix(".svg") else { return try write(plot.picture(), to: path) }
        var lines = try plot.svg().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.insert("<desc>\(OutputGuard.software): \(SVG.escaped(description))</desc>", at: 1)
        try overwriting.write(Array(lines.joined(separator: "\n").utf8), to: path)
    }

    /// A ranking.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(_ report: AnomalyReport, to path: String) throws {
        try overwriting.write(Array(report.table.utf8), to: path)
    }
}
