import Requirements

/// Eigenvalues and eigenvectors of a real symmetric matrix in double precision.
///
/// Householder reduction to tridiagonal form, then QL with implicit shifts (Martin, Reinsch & Wilkinson 1968; Bowdler
/// et al. 1968; EISPACK's tred2 and tql2). Additions, multiplications, divisions and square roots in one fixed order:
/// the same bits everywhere. Cost: about 9 n^3 operations.
package struct SymmetricEigen {
    /// The eigenvalues, the largest first.
    package let values: [Double]
    /// [n, n]: row i belongs to `values[i]`; orthonormal, the largest entry of each positive.
    package let vectors: [Double]

    /// - Parameter matrix: [n, n], symmetric and finite; only one triangle counts.
    package init(_ matrix: [Double], size n: Int) {
        require(matrix.count == n * n, "\(matrix.count) numbers for a matrix of \(n) x \(n)")
        require(matrix.allSatisfy(\.isFinite), "an eigenproblem with a number that is not finite")
        guard n > 0 else {
            (values, vectors) = ([], [])
            return
        }
        // v[j * n + k] is row k of column j: the inner loops run along columns.
        var v = matrix, d = [Double](repeating: 0, count: n), e = d
        v.withUnsafeMutableBufferPointer { v in
            d.withUnsafeMutableBufferPointer { d in
                e.withUnsafeMutableBufferPointer { e in
                    guard let v = v.baseAddress, let d = d.baseAddress, let e = e.baseAddress else { return }
                    Self.reduceToTridiagonal(v, d, e, n)
                    Self.diagonalize(v, d, e, n)
                }
            }
        }
        let order = (0..<n).sorted { d[$0] != d[$1] ? d[$0] > d[$1] : $0 < $1 }
        values = order.map { d[$0] }
        vectors = order.flatMap { Self.oriented(v[$0 * n..<($0 + 1) * n]) }
    }

    /// The sign in which the largest entry (the first of several equal ones) is positive.
    private static func oriented(_ vector: ArraySlice<Double>) -> [Double] {
        var largest = 0.0
        for entry in vector where abs(entry) > abs(largest) { largest = entry }
        return largest < 0 ? vector.map { -$0 } : Array(vector)
    }

    /// Leaves the diagonal in d, the subdiagonal in e[1...], the accumulated reflections in v.
    private static func reduceToTridiagonal(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>,
        _ n: Int
    ) {
        for j in 0..<n { d[j] = v[j * n + n - 1] }
        for i in stride(from: n - 1, to: 0, by: -1) {
            var scale = 0.0, h = 0.0
            for k in 0..<i { scale += abs(d[k]) }
            if scale == 0 {
                e[i] = d[i - 1]
                for j in 0..<i {
                    d[j] = v[j * n + i - 1]
                    v[j * n + i] = 0
                    v[i * n + j] = 0
                }
            } else {
                for k in 0..<i {
                    d[k] /= scale
                    h += d[k] * d[k]
                }
                let f = d[i - 1], g = f > 0 ? -h.squareRoot() : h.squareRoot()
                e[i] = scale * g
                h -= f * g
                d[i - 1] = f - g
                reflect(v, d, e, n, i, h)
            }
            d[i] = h
        }
        accumulateReflections(v, d, n)
        e[0] = 0
    }

    /// The similarity transformation by the reflection whose vector stands in d[..<i], on the leading i x i part.
    private static func reflect(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>,
        _ n: Int, _ i: Int, _ h: Double
    ) {
        for j in 0..<i { e[j] = 0 }
        for j in 0..<i {
            let f = d[j], column = v + j * n
            v[i * n + j] = f
            var g = e[j] + column[j] * f
            for k in j + 1..<max(i, j + 1) {
                g += column[k] * d[k]
                e[k] += column[k] * f
            }
            e[j] = g
        }
        var f = 0.0
        for j in 0..<i {
            e[j] /= h
            f += e[j] * d[j]
        }
        let half = f / (h + h)
        for j in 0..<i { e[j] -= half * d[j] }
        for j in 0..<i {
            let f = d[j], g = e[j], column = v + j * n
            for k in j..<i { column[k] -= f * e[k] + g * d[k] }
            d[j] = column[i - 1]
            column[i] = 0
        }
    }

    private static func accumulateReflections(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ n: Int
    ) {
        for i in 0..<n - 1 {
            v[i * n + n - 1] = v[i * n + i]
            v[i * n + i] = 1
            let h = d[i + 1], next = v + (i + 1) * n
            if h != 0 {
                for k in 0...i { d[k] = next[k] / h }
                for j in 0...i {
                    let column = v + j * n
                    var g = 0.0
                    for k in 0...i { g += next[k] * column[k] }
                    for k in 0...i { column[k] -= g * d[k] }
                }
            }
            for k in 0...i { next[k] = 0 }
        }
        for j in 0..<n {
            d[j] = v[j * n + n - 1]
            v[j * n + n - 1] = 0
        }
        v[(n - 1) * n + n - 1] = 1
    }

    /// QL iterations: d becomes the eigenvalues, the columns of v their vectors.
    private static func diagonalize(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>,
        _ n: Int
    ) {
        for i in 1..<max(n, 1) { e[i - 1] = e[i] }
        e[n - 1] = 0
        var shift = 0.0, size = 0.0
        for l in 0..<n {
            size = max(size, abs(d[l]) + abs(e[l]))
            let negligible = size * 0x1p-52
            var m = l
            while m < n - 1, abs(e[m]) > negligible { m += 1 }
            // Two or three iterations are usual; the bound only makes the end certain.
            var iterations = 0
            while m > l, iterations < 60 {
                iterations += 1
                let g = d[l], p = (d[l + 1] - g) / (2 * e[l]), r = length(p, 1), signed = p < 0 ? p - r : p + r
                d[l] = e[l] / signed
                d[l + 1] = e[l] * signed
                let h = g - d[l]
                for i in l + 2..<max(n, l + 2) { d[i] -= h }
                shift += h
                sweep(v, d, e, n, from: m, to: l)
                if abs(e[l]) <= negligible { break }
            }
            d[l] += shift
            e[l] = 0
        }
    }

    /// One QL sweep: plane rotations from row m up to row l.
    private static func sweep(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>,
        _ n: Int, from m: Int, to l: Int
    ) {
        let second = d[l + 1], secondOff = e[l + 1]
        var p = d[m], c = 1.0, c2 = 1.0, c3 = 1.0, s = 0.0, s2 = 0.0
        for i in stride(from: m - 1, through: l, by: -1) {
            (c3, c2, s2) = (c2, c, s)
            let g = c * e[i], h = c * p, r = length(p, e[i])
            e[i + 1] = s * r
            s = e[i] / r
            c = p / r
            p = c * d[i] - s * g
            d[i + 1] = h + s * (c * g + s * d[i])
            let left = v + i * n, right = v + (i + 1) * n, cosine = c, sine = s
            for k in 0..<n {
                let x = left[k], y = right[k]
                right[k] = sine * x + cosine * y
                left[k] = cosine * x - sine * y
            }
        }
        p = -s * s2 * c3 * secondOff * e[l] / second
        e[l] = s * p
        d[l] = c * p
    }

    /// sqrt(a^2 + b^2) without overflow; the C library's hypot has bits of its own.
    private static func length(_ a: Double, _ b: Double) -> Double {
        let large = max(abs(a), abs(b)), small = min(abs(a), abs(b))
        guard large > 0 else { return 0 }
        let ratio = small / large
        return large * (1 + ratio * ratio).squareRoot()
    }
}
