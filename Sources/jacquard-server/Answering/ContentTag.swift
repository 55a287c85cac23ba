#if Server
    import Digests

    /// What tells two answers apart.
    enum ContentTag {
        static func of(_ text: String) -> String {
            var hash = SHA256()
            hash.update(Array(text.utf8))
            return String(hash.finish().prefix(32))
        }
    }
#endif
