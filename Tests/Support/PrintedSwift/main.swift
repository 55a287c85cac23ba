import Foundation

// Runs the Swift that README and guides print, one piece after the other, in the folder that it is started in. It sees
// public declarations only, as a program of somebody else's does.
let snippets: KeyValuePairs<String, () throws -> Void> = [
    "readmeSnippet1": readmeSnippet1,
    "readmeSnippet2": readmeSnippet2,
    "textSnippet1": textSnippet1,
    "textSnippet2": textSnippet2,
    "textSnippet3": textSnippet3,
    "textSnippet4": textSnippet4,
    "pictureSnippet1": pictureSnippet1,
    "pictureSnippet2": pictureSnippet2,
    "pictureSnippet3": pictureSnippet3,
    "networkSnippet1": networkSnippet1,
    "networkSnippet2": networkSnippet2,
    "networkSnippet3": networkSnippet3,
    "storeSnippet1": storeSnippet1,
]
for (name, run) in snippets {
    print("== \(name)")
    do {
        try run()
    } catch {
        print("\(name): \(error)")
        exit(1)
    }
}
