import TensorCore

extension LanguageModelConfiguration {
    /// The tensor whose products could add up to what is beyond single precision, after which nothing is a number; nil if
    /// none could, whatever the model reads: then every logit it ever gives is finite.
    ///
    /// Hidden states stay within -1...1, so that a sum of products is at most that of the weights' magnitudes.
    func overflowing(_ weights: NamedTensors) -> String? {
        // Far enough below 3.4e38 for sums of blocks, as Strassen's algorithm makes them.
        let largest = 1e36
        var inputs = 1.0
        if embedding > 0, let table = weights["embedding.weight"] { inputs = table.rowReach(of: .largest) }
        for (index, layer) in stack.enumerated() {
            let cell = "layers.\(index).cell", isOneHot = index == 0 && embedding == 0
            func reach(_ name: String, _ of: RowReach = .sum) -> Double { weights[name]?.rowReach(of: of) ?? 0 }
            let fromInput = reach("\(cell).weight_ih_l0", isOneHot ? .largest : .sum) * inputs
            if fromInput > largest { return "\(cell).weight_ih_l0" }
            let recurrent = reach("\(cell).weight_hh_l0")
            if recurrent > largest { return "\(cell).weight_hh_l0" }
            for bias in ["bias_ih_l0", "bias_hh_l0"] where reach("\(cell).\(bias)", .largest) > largest {
                return "\(cell).\(bias)"
            }
            inputs = 1
            guard layer.projection != nil else { continue }
            let projection = "layers.\(index).projection"
            inputs = reach("\(projection).weight") + reach("\(projection).bias", .largest)
            if inputs > largest { return "\(projection).weight" }
        }
        let logits = (weights["head.weight"]?.rowReach(of: .sum) ?? 0) * inputs
        if logits > largest { return "head.weight" }
        return (weights["head.bias"]?.rowReach(of: .largest) ?? 0) > largest ? "head.bias" : nil
    }
}

private enum RowReach { case largest, sum }

extension Tensor {
    /// Over all rows, the largest of what the magnitudes of one come to.
    fileprivate func rowReach(of kind: RowReach) -> Double {
        let columns = shape.rank == 2 ? shape[1] : count
        guard columns > 0 else { return 0 }
        return withUnsafePointer { values in
            stride(from: 0, to: count, by: columns).reduce(0.0) { reach, first in
                let row = UnsafeBufferPointer(start: values + first, count: columns)
                return max(reach, kind == .sum ? row.sumOfMagnitudes : Double(row.largestMagnitude))
            }
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// In eight sums at a time: one alone would wait for each of its additions.
    fileprivate var sumOfMagnitudes: Double {
        var sums = SIMD8<Double>.zero
        let whole = count / 8 * 8
        for first in stride(from: 0, to: whole, by: 8) {
            var eight = SIMD8<Float>.zero
            for lane in 0..<8 { eight[lane] = self[first + lane].magnitude }
            sums += SIMD8<Double>(eight)
        }
        return self[whole...].reduce(sums.sum()) { $0 + Double($1.magnitude) }
    }

    fileprivate var largestMagnitude: Float { reduce(0) { Swift.max($0, $1.magnitude) } }
}
