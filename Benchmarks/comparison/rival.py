"""PyTorch as seen from here: a process that measures on request, and the search for its fastest configuration."""

import json, os, pathlib, select, subprocess, sys


class RivalFailed(Exception):
    """PyTorch could not do what it was asked, or not in time."""


# What the C library is told, so that freed memory is kept for the next tensor instead of going back to the system, from
# which it comes as new pages of zeros. Whether it goes back by default depends on how the heap happens to lie.
FREED_MEMORY_IS_KEPT = {"MALLOC_TRIM_THRESHOLD_": str(1 << 32), "MALLOC_MMAP_THRESHOLD_": str(1 << 32)}


class Rival:
    """A PyTorch process. It is started when it is first needed, and again after it has been stopped."""

    def __init__(self, time_limit=300, environment=None):
        self.time_limit, self.process, self.version = time_limit, None, None
        self.environment = environment or {}

    def start(self):
        environment = os.environ | {"OMP_NUM_THREADS": "2", "PYTHONUNBUFFERED": "1"} | self.environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "comparison.pytorch.worker"],
            cwd=pathlib.Path(__file__).parents[1],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.version = self._answer(120)["torch"]

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def measure(self, work, configuration, seconds):
        """The answer to a request: `rate` in units a second, and `peak_memory_bytes`."""
        return self._ask({"work": work, "configuration": configuration, "seconds": seconds}, self.time_limit + seconds)

    def forget(self):
        """Lets go of everything that has been prepared."""
        if self.process:
            self._ask({"forget": True}, 60)

    def best_configuration(self, work, configurations, seconds, log):
        """The fastest of the configurations, and what each of them reached (or why it did not).

        Those that come near the fastest are measured again, and each counts with the better of its two figures.
        """
        found = []
        for configuration in configurations:
            try:
                rate, problem = self.measure(work, configuration, seconds)["rate"], None
            except RivalFailed as error:
                rate, problem = 0, str(error)
            found.append({"configuration": configuration["name"], "rate": rate, "problem": problem})
            log(f"    PyTorch, {configuration['name']}: {problem or format(rate, ',.0f')}")
        fastest = max(entry["rate"] for entry in found)
        if not fastest:
            raise RivalFailed("no configuration of PyTorch could do this")
        for configuration, entry in zip(configurations, found):
            if entry["rate"] > 0.8 * fastest:
                entry["rate"] = max(entry["rate"], self.measure(work, configuration, seconds)["rate"])
        best = max(range(len(found)), key=lambda index: found[index]["rate"])
        return configurations[best], found

    def _ask(self, request, time_limit):
        if not self.process:
            self.start()
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer says it
        answer = self._answer(time_limit)
        if "error" in answer:
            raise RivalFailed(answer["error"])
        return answer

    def _answer(self, time_limit):
        # The process writes one line and then waits: there is never more than that to read.
        ready, _, _ = select.select([self.process.stdout], [], [], time_limit)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.stop()
            raise RivalFailed("its process ended" if ready else f"no answer within {time_limit:.0f} s")
        return json.loads(line)
