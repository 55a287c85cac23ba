import Requirements

extension Picture {
    package var isGrey: Bool { channels == 1 }

    /// One channel of luma, (299 R + 587 G + 114 B) / 1000 rounded (ITU-R BT.601, as in JPEG); itself if it is grey.
    package var grey: Picture {
        if isGrey { return self }
        let grey = [UInt8](unsafeUninitializedCapacity: width * height) { buffer, initialized in
            pixels.withUnsafeBufferPointer { pixels in
                for i in 0..<buffer.count {
                    buffer[i] = Self.luma(red: pixels[3 * i], green: pixels[3 * i + 1], blue: pixels[3 * i + 2])
                }
            }
            initialized = buffer.count
        }
        return Picture(width: width, height: height, channels: 1, pixels: grey)
    }

    /// Three channels, equal where the picture is grey; itself if it has them.
    package var color: Picture {
        if !isGrey { return self }
        let color = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, initialized in
            for (i, value) in pixels.enumerated() {
                buffer[3 * i] = value
                buffer[3 * i + 1] = value
                buffer[3 * i + 2] = value
            }
            initialized = buffer.count
        }
        return Picture(width: width, height: height, channels: 3, pixels: color)
    }

    /// ``grey`` or ``color``.
    ///
    /// - Precondition: 1 or 3.
    package func converted(toChannels channels: Int) -> Picture {
        require(channels == 1 || channels == 3, "a picture has 1 or 3 channels, not \(channels)")
        return channels == 1 ? grey : color
    }

    @inline(__always)
    static func luma(red: UInt8, green: UInt8, blue: UInt8) -> UInt8 {
        let sum = 299 * UInt32(red) &+ 587 * UInt32(green) &+ 114 * UInt32(blue) &+ 500
        return UInt8(truncatingIfNeeded: sum / 1000)
    }
}
