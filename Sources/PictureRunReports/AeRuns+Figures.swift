import Autoencoders
package import Checkpoints
package import CommandLineSupport
import FileTrees
import Images
package import TensorCore

/// The page of a run: what can be seen without the pictures.
extension AeRuns {
    private static let mostDecoded = 48
    private static let mostMapped = 2000

    package static func figures(
        of record: RunRecord, from store: CheckpointStore, in context: ComputeContext
    ) throws -> [PageFigure] {
        let run = record.summary.run
        guard !record.checkpoints.isEmpty else { return [absent("The run has saved no weights yet.")] }
        let encode = "ae encode PICTURES --to-store --run \(ShellText.quoted(run.name))"
        let all = try store.codes(of: run.id)
        guard !all.isEmpty else {
            return [absent("The store keeps no codes of this run, so that there is nothing to decode: \(encode)")]
        }
        let saved = try SavedAutoencoder.load(
            .named(run.name), checkpoint: record.bestStep == nil ? .latest : .best, from: store, in: context)
        let codes: PictureCodes
        do {
            codes = try StoredCodes.read(of: saved, from: store).codes
        } catch let error as AutoencoderError {
            return [absent("\(error): \(encode)")]
        }
        return [try sheet(of: codes, by: saved, in: context), try map(of: codes, by: saved, in: context)]
    }

    private static func absent(_ reason: String) -> PageFigure {
        PageFigure(title: "What the model sees", content: .absent, caption: reason)
    }

    private static func sheet(
        of codes: PictureCodes, by saved: SavedAutoencoder, in context: ComputeContext
    ) throws -> PageFigure {
        let shown = codes.spread(atMost: mostDecoded)
        let sheet = ContactSheet().picture(of: saved.pictures(from: shown.codes, in: context))
        return PageFigure(
            title: "What the model makes of codes", content: .png(try PNG.encode(sheet)),
            caption:
                "\(part(shown.count, of: codes.count)) from the store, decoded; the pictures themselves are not there.")
    }

    private static func map(
        of codes: PictureCodes, by saved: SavedAutoencoder, in context: ComputeContext
    ) throws -> PageFigure {
        let title = "Map of codes", shown = codes.spread(atMost: mostMapped)
        guard let positions = try CodeMap.positions(of: shown.codes, by: .tsne, in: context) else {
            return PageFigure(title: title, content: .absent, caption: "The map was not finished.")
        }
        let reducer = Thumbnails(side: 36)
        let thumbnails =
            shown.labels.allSatisfy { $0 == nil }
            ? saved.pictures(from: shown.codes, in: context).map(reducer.reduced) : []
        var plot = ScatterPlot(
            (0..<shown.count).map { index in
                ScatterPlot.Point(
                    x: positions[index, 0], y: positions[index, 1], label: shown.labels[index],
                    thumbnail: thumbnails.isEmpty ? nil : thumbnails[index])
            })
        (plot.width, plot.height) = (720, 560)
        return PageFigure(
            title: title, content: .svg(try plot.svg()),
            caption: "\(part(shown.count, of: codes.count)) laid out by t-SNE: near codes stay near.")
    }

    private static func part(_ shown: Int, of all: Int) -> String {
        shown == all
            ? NumberText.count(all, "code")
            : "\(NumberText.grouped(shown)) of \(NumberText.count(all, "code")), spread evenly,"
    }
}
