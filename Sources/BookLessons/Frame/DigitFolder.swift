import Foundation
import Jacquard

/// A folder with digits of somebody else's: MNIST's four files, or its two of the test set, or a folder of pictures for
/// each class.
struct DigitFolder {
    let path: String

    init(_ path: String) { self.path = path }

    func read() throws -> Materials.Digits {
        let digits = try parts(), least = 100
        guard digits.training.inputShape.count == 784, digits.training.classes.count <= 10 else {
            throw LessonError.otherPictures(
                path,
                reason:
                    "\(digits.training.classes.count) classes of \(digits.training.inputShape.count) pixels, and up to 10 of 784 "
                    + "are due")
        }
        guard digits.training.count + digits.test.count >= least else {
            throw LessonError.tooLittle(
                path, reason: "\(digits.training.count + digits.test.count) pictures; lessons need \(least) or more")
        }
        return digits
    }

    private func parts() throws -> Materials.Digits {
        guard isFolder(path) else { throw LessonError.noDigits(path) }
        if let test = try idx("t10k") {
            guard let training = try idx("train") else {
                let fifth = test.count / 5, parts = test.split(heldOut: max(1, fifth), seed: 1)
                return Materials.Digits(
                    training: parts.training, test: parts.heldOut,
                    source: "the \(test.count) digits of MNIST's test set, a fifth held out")
            }
            return Materials.Digits(
                training: training, test: test,
                source: "MNIST, \(training.count) digits to learn from and \(test.count) to test with")
        }
        guard try FileManager.default.contentsOfDirectory(atPath: path).contains(where: { isFolder("\(path)/\($0)") })
        else { throw LessonError.noDigits(path) }
        let pictures = try Dataset(pictures: path, width: 28, height: 28, channels: 1).inputs(shaped: [784])
        let parts = pictures.split(heldOut: max(1, pictures.count / 5), seed: 1)
        return Materials.Digits(
            training: parts.training, test: parts.heldOut,
            source: "\(pictures.count) pictures of \(path), a fifth held out")
    }

    private func idx(_ part: String) throws -> Dataset? {
        func file(_ name: String) -> String? {
            ["\(path)/\(name)", "\(path)/\(name).gz"].first { FileManager.default.fileExists(atPath: $0) }
        }
        guard let images = file("\(part)-images-idx3-ubyte"), let labels = file("\(part)-labels-idx1-ubyte") else {
            return nil
        }
        return try Dataset(idxImages: images, labels: labels)
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
