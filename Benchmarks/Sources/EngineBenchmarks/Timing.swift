import Kernels
import TensorCore

/// Seconds of one call: the median of `repetitions`, after one call to warm up.
func medianSeconds(repetitions: Int = 7, _ body: () -> Void) -> Double {
    body()
    let clock = ContinuousClock()
    let times = (0..<repetitions).map { _ in
        let time = clock.measure(body).components
        return Double(time.seconds) + Double(time.attoseconds) * 1e-18
    }.sorted()
    return times[times.count / 2]
}

/// Seconds of what `prepare` returns, which itself is not timed: the median of `repetitions`, after one to warm up.
func medianSecondsAfterPreparing(repetitions: Int, preparing prepare: () -> () -> Void) -> Double {
    let clock = ContinuousClock()
    let times = (0...repetitions).map { _ in
        let body = prepare(), time = clock.measure(body).components
        return Double(time.seconds) + Double(time.attoseconds) * 1e-18
    }.dropFirst().sorted()
    return times[times.count / 2]
}

/// What the multiply-add units of all threads of a team reach together when nothing else is in the way, GFLOP/s.
func peakGigaflops(_ context: ComputeContext) -> Double {
    let kernels = context.kernels, workers = context.workers, repetitions = 2_000_000
    var operations = 0.0
    let seconds = medianSeconds(repetitions: 5) {
        workers.run { thread in
            var sink: Float = 0
            let done = kernels.multiply_add_peak(repetitions, &sink)
            if thread == 0 { operations = done }
        }
    }
    return operations * Double(workers.count) / seconds * 1e-9
}
