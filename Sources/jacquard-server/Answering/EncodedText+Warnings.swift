#if Server
    import TextCorpora

    extension EncodedText {
        /// What the model does not know of it, as answers have it.
        /// - Parameter field: what the request calls the text.
        func warnings(field: String) -> [String] {
            note.map { ["\(field): \($0)"] } ?? []
        }
    }
#endif
