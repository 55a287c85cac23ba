import ArgumentParser
import ByteStreams
import Checkpoints
import FileTrees
import Foundation
import PageParts

/// Where a page goes.
enum PageFile {
    /// - Throws: `ValidationError` for a name that is none of a page.
    static func checkName(_ path: String) throws {
        guard ["html", "htm"].contains(RawPath(path).ending) else {
            throw ValidationError("--output: a page is a file that ends in .html, not '\(path)'")
        }
    }

    /// Before the work begins: what is there stays, and a store always does.
    static func check(_ path: String, isReplaced: Bool, store: String) throws {
        guard let there = FileTree.status(RawPath(path)) else { return }
        let ofStore = FileTree.status(RawPath(store)),
            isStore = ofStore.map {
                $0.st_dev == there.st_dev && $0.st_ino == there.st_ino
            }
        guard isStore != true else { throw StoreError.storeItself(path: path) }
        guard isReplaced else { throw StoreError.exportExists(path: path) }
    }

    static func write(_ page: PageDocument, to path: String) throws {
        try OutputFile<PageError>.replace(path, with: page.text)
    }
}

/// What can be wrong with the file of a page.
enum PageError: Error, Equatable, Sendable, WritingFailure, CustomStringConvertible, LocalizedError {
    case unwritable(path: String, reason: String)

    var description: String {
        switch self {
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        }
    }

    var errorDescription: String? { description }
}
