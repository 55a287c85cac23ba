"""The engine's programs as seen from here."""

import json, os, subprocess, time


class EngineFailed(Exception):
    """A program of ours failed: a mistake, not a measurement."""


class Engine:
    """`EngineBenchmarks`, `charnn` and `ae`, built."""

    def __init__(self, folder):
        self.benchmarks, self.charnn, self.ae = (folder / name for name in ("EngineBenchmarks", "charnn", "ae"))

    def measure(self, *arguments):
        """One measurement of EngineBenchmarks in a process of its own, as a dictionary."""
        command = [str(self.benchmarks), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise EngineFailed(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def run(command, folder):
    """Runs a program to its end; seconds it took and the most memory it held, in bytes. Throws if it fails."""
    with open(folder / "errors.txt", "w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=errors, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise EngineFailed(f"{' '.join(map(str, command))} ended with {process.returncode}: {errors.read()[-500:]}")
    return seconds, usage.ru_maxrss * 1024


def seconds_to_first_byte(command, folder):
    """Seconds from the start of a program to the first byte on its standard output; it is then left to end."""
    start = time.perf_counter()
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, bufsize=0
    ) as process:
        first = process.stdout.read(1)
        seconds = time.perf_counter() - start
        process.stdout.read()
    if not first or process.returncode:
        raise EngineFailed(f"{' '.join(map(str, command))} ended with {process.returncode} and wrote nothing")
    return seconds
