"""How busy the processors were with something else: a figure measured beside another program says little."""

import os, pathlib, time

TICK = os.sysconf("SC_CLK_TCK")
# The two counts are some ticks apart, which matters in what is short.
SLACK = 4
# A larger share than this makes a figure doubtful.
DISTURBED = 0.02


def _processes():
    """Parent and processor time (with that of ended children), in ticks, of every process."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # The name, in brackets, may hold anything; what follows it starts with the state.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        yield int(folder.name), int(fields[1]), sum(map(int, fields[11:15]))


def _own():
    """Ticks of this process and all that it has started."""
    processes = {pid: (parent, ticks) for pid, parent, ticks in _processes()}
    own = {os.getpid()}
    while found := {pid for pid, (parent, _) in processes.items() if parent in own} - own:
        own |= found
    return sum(processes[pid][1] for pid in own if pid in processes)


def _busy():
    """Ticks that all processors have worked, for guests and hypervisor too."""
    user, nice, system, _, _, irq, softirq, steal = map(int, pathlib.Path("/proc/stat").read_text().split()[1:9])
    return user + nice + system + irq + softirq + steal


class Interference:
    """The share of the processors that others took since it was made."""

    def __init__(self):
        self._start, self._before = time.perf_counter(), self._others()

    def share(self):
        spent = time.perf_counter() - self._start
        others = self._others() - self._before - SLACK
        return max(0.0, others / TICK / (spent * (os.cpu_count() or 1)))

    @staticmethod
    def _others():
        try:
            return _busy() - _own()
        except OSError:
            return 0
