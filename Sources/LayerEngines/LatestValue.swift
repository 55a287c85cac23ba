/// A value that costs much and is kept until it is asked for with another key: weights in another order, with the versions of
/// their parameters as the key.
///
/// Not for use from several threads.
package final class LatestValue<Key: Equatable, Value> {
    private var latest: (key: Key, value: Value)?

    package init() {}

    package func clear() { latest = nil }

    package func value(for key: Key, make: () -> Value) -> Value {
        if let latest, latest.key == key { return latest.value }
        clear()  // its buffers go back to the workspace first
        let made = make()
        latest = (key, made)
        return made
    }
}
