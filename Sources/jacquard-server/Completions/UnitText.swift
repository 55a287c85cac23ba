#if Server
    import LanguageModels
    import TextCorpora

    extension Vocabulary {
        /// A unit as a string for programs. Bytes that are no text of their own stand as OpenAI writes them, `bytes:\xff`.
        func text(of id: Int32) -> String {
            let bytes = bytes(of: id)
            return String(validating: bytes, as: UTF8.self)
                ?? "bytes:" + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
#endif
