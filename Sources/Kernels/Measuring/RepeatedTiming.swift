/// How long one call takes, from many of them.
package struct RepeatedTiming: Hashable, Sendable {
    /// Seconds of the call in the middle: another program now and then does not change it.
    package let median: Double
    /// Seconds of the fastest call.
    package let least: Double
    package let calls: Int

    /// Calls `body` once to warm up, then until `seconds` have passed in all, at least once.
    package init(for seconds: Double, _ body: () -> Void) {
        let clock = ContinuousClock(), start = clock.now
        body()
        var times: [Double] = []
        repeat { times.append(clock.measure(body).seconds) } while (clock.now - start).seconds < seconds
        times.sort()
        (median, least, calls) = (times[times.count / 2], times[0], times.count)
    }
}

extension Duration {
    /// The duration as a number of seconds.
    package var seconds: Double { self / .seconds(1) }
}
