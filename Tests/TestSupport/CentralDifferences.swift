/// The gradient of a scalar function by fourth-order central differences,
///
///     f'(x) ≈ (8(f(x+s) − f(x−s)) − (f(x+2s) − f(x−2s))) / 12s,
///
/// which is Richardson's extrapolation of the two-point formula (truncation s⁴·f⁽⁵⁾/30). With s = 2⁻¹⁰ and functions
/// and inputs of size about one, truncation and rounding both stay below 1e-11. The step is a power of two, so that
/// x ± s has no rounding for the fixtures' inputs. A kink (ReLU at 0) must be further than 2s from x.
///
/// - Parameters:
///   - point: where the gradient is wanted.
///   - indices: which elements to differentiate; all, unless the function is too slow. Their order is kept.
///   - step: s. Larger for a function that hardly changes, smaller for a steep one.
/// - Returns: one derivative for each of `indices`.
/// - Complexity: four calls of `function` for each derivative.
public func centralDifferences(
    at point: [Double], indices: [Int]? = nil, step: Double = 0x1p-10, of function: ([Double]) -> Double
) -> [Double] {
    var x = point
    return (indices ?? Array(point.indices)).map { index in
        func value(_ offset: Double) -> Double {
            x[index] = point[index] + offset
            return function(x)
        }
        let near = value(step) - value(-step)
        let far = value(2 * step) - value(-2 * step)
        x[index] = point[index]
        return (8 * near - far) / (12 * step)
    }
}

/// The gradients of a scalar function of named arrays, for each of `names` (all, unless told), as above.
///
/// The result has the shape of each array and is found by the same name.
public func centralDifferences(
    at arrays: [String: ArrayND], names: [String]? = nil, step: Double = 0x1p-10,
    of function: ([String: ArrayND]) -> Double
) -> [String: ArrayND] {
    var gradients: [String: ArrayND] = [:]
    for name in names ?? arrays.keys.sorted() {
        guard let point = arrays[name] else { preconditionFailure("no \(name) in \(arrays.keys.sorted())") }
        var moved = arrays
        let gradient = centralDifferences(at: point.values, step: step) { values in
            moved[name] = ArrayND(shape: point.shape, values: values)
            return function(moved)
        }
        gradients[name] = ArrayND(shape: point.shape, values: gradient)
    }
    return gradients
}
