package import CKernels

/// What the machine can do when nothing else is in the way: the measure of everything else.
///
/// Peaks are the best of short slices: whatever disturbs a slice makes it slower, never faster.
extension Workers {
    /// GFLOP/s of the multiply-add units of all threads together, operands in registers.
    package func multiplyAddPeak(
        _ kernels: CKKernels, in precision: ProductPrecision = .single, seconds: Double = 0.2
    ) -> Double {
        multiplyAddRates(kernels, in: precision, seconds: seconds).peak
    }

    /// The same, and the median of the slices: the clock rate that lasts.
    package func multiplyAddRates(
        _ kernels: CKKernels, in precision: ProductPrecision = .single, seconds: Double = 0.2
    ) -> (peak: Double, sustained: Double) {
        guard let peak = precision == .single ? kernels.multiply_add_peak : kernels.pair_peak else { return (0, 0) }
        var operations = 0.0
        func slice(_ repetitions: Int) {
            run { thread in
                var sink: Float = 0
                let done = peak(repetitions, &sink)
                if thread == 0 { operations = done }
            }
        }
        let repetitions = Self.repetitions(from: 1000, lasting: 0.001, slice)
        let timing = RepeatedTiming(for: seconds) { slice(repetitions) }
        let billions = operations * Double(count) * 1e-9
        return (billions / timing.least, billions / timing.median)
    }

    /// GB/s at which all threads together read a buffer, each its own part again and again.
    /// - Parameter bytes: of the whole buffer: the cache it fits into decides.
    package func readRate(_ kernels: CKKernels, bytes: Int, seconds: Double = 0.2) -> Double {
        let unit = 128, part = max(1, bytes / 4 / unit / count) * unit
        let buffer = UnsafeMutablePointer<Float>.allocate(capacity: part * count)
        defer { buffer.deallocate() }
        buffer.initialize(repeating: 1, count: part * count)
        func slice(_ passes: Int) {
            run { thread in
                for _ in 0..<passes { _ = kernels.read_memory(buffer + thread * part, part) }
            }
        }
        let passes = Self.repetitions(from: 1, lasting: 0.001, slice)
        let best = RepeatedTiming(for: seconds) { slice(passes) }.least
        return Double(passes * part * count * 4) / best * 1e-9
    }

    /// Doubled from `first` until a slice of so many takes long enough to be timed.
    private static func repetitions(from first: Int, lasting seconds: Double, _ slice: (Int) -> Void) -> Int {
        var repetitions = first
        while ContinuousClock().measure({ slice(repetitions) }).seconds < seconds { repetitions *= 2 }
        return repetitions
    }
}
