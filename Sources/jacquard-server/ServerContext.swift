#if Server
    import Hummingbird

    /// What belongs to one request.
    struct ServerContext: RequestContext {
        var coreContext: CoreRequestContextStorage

        init(source: Source) { coreContext = .init(source: source) }
    }
#endif
