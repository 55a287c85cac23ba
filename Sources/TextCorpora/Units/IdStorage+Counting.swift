import Requirements

extension IdStorage {
    /// How often each of the ids 0..<idCount occurs in a range. Cost: under 1 ns an id.
    package func counts(in range: Range<Int>, idCount: Int) -> [Int] {
        require(range.lowerBound >= 0 && range.upperBound <= count, "range \(range) outside 0..<\(count)")
        switch width {
        case .one: return histogram(UInt8.self, range, idCount)
        case .two: return histogram(UInt16.self, range, idCount)
        case .four: return histogram(UInt32.self, range, idCount)
        }
    }

    /// Two tables in turn: in a run of one unit an increment need not wait for the one before.
    private func histogram<ID: FixedWidthInteger & UnsignedInteger>(
        _ type: ID.Type, _ range: Range<Int>, _ idCount: Int
    ) -> [Int] {
        let ids = pointer(as: ID.self)
        var counts = [Int](repeating: 0, count: 2 * idCount)
        counts.withUnsafeMutableBufferPointer { table in
            var position = range.lowerBound
            while position + 1 < range.upperBound {
                let first = Int(ids[position])
                let second = Int(ids[position + 1])
                require(first < idCount && second < idCount, "an id beyond the \(idCount) that are counted")
                table[first] &+= 1
                table[idCount + second] &+= 1
                position += 2
            }
            if position < range.upperBound { table[Int(ids[position])] += 1 }
            for id in 0..<idCount { table[id] += table[idCount + id] }
        }
        return Array(counts.prefix(idCount))
    }

    /// Copies ids to `target`, each through a table of names.
    package func copy(_ range: Range<Int>, through map: [Int32], to target: UnsafeMutablePointer<Int32>, stride: Int) {
        require(range.lowerBound >= 0 && range.upperBound <= count, "range \(range) outside 0..<\(count)")
        switch width {
        case .one: gather(UInt8.self, range, map, target, stride)
        case .two: gather(UInt16.self, range, map, target, stride)
        case .four: gather(UInt32.self, range, map, target, stride)
        }
    }

    private func gather<ID: FixedWidthInteger & UnsignedInteger>(
        _ type: ID.Type, _ range: Range<Int>, _ map: [Int32], _ target: UnsafeMutablePointer<Int32>, _ stride: Int
    ) {
        let ids = pointer(as: ID.self)
        var out = target
        for position in range {
            out.pointee = map[Int(ids[position])]
            out += stride
        }
    }
}
