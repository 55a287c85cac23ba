import Images
import Layers
import TensorCore

/// The planes between two layers.
struct Planes: Hashable {
    var channels: Int
    var height: Int
    var width: Int

    var count: Int { channels * height * width }
}

/// One halving of the sides, and its way back.
struct NetworkLevel {
    let outer: Planes
    let inner: Planes

    init(from outer: Planes, channels: Int) {
        self.outer = outer
        inner = Planes(channels: channels, height: (outer.height + 1) / 2, width: (outer.width + 1) / 2)
    }

    /// At stride 2 and padding 1: ⌈h / 2⌉.
    var kernel: Size2D { 3 }

    /// At stride 2 and padding 1: 4 makes 2 h, and 3 makes 2 h - 1.
    var transposedKernel: Size2D {
        Size2D(height: outer.height % 2 == 0 ? 4 : 3, width: outer.width % 2 == 0 ? 4 : 3)
    }
}

extension AutoencoderConfiguration {
    /// From the pictures inwards.
    var levels: [NetworkLevel] {
        var outer = pictures
        return channels.map { channels in
            let level = NetworkLevel(from: outer, channels: channels)
            outer = level.inner
            return level
        }
    }

    var pictures: Planes { Planes(channels: format.channels, height: format.height, width: format.width) }

    /// What the dense layers see.
    var innermost: Planes { levels.last?.inner ?? pictures }
}
