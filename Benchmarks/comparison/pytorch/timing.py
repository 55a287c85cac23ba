"""How a rate is measured, the same way as the engine's."""

import time


def sustained(work, seconds):
    """Calls a second of `work`, the mean over the whole time, after a warm-up of three calls and a tenth of it."""
    count, start = 0, time.perf_counter()
    while count < 3 or time.perf_counter() - start < 0.1 * seconds:
        work()
        count += 1
    count, start = 0, time.perf_counter()
    while True:
        work()
        count += 1
        spent = time.perf_counter() - start
        if spent >= seconds:
            return count / spent
