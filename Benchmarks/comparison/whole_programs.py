"""Rows about `charnn` and `ae` as a user starts them: memory and start-up. Their models are trained for a few steps."""

import dataclasses, pathlib, statistics

from . import texts
from .configurations import TRAINING, named
from .engine import run, seconds_to_first_byte
from .quantities import Result
from .rival import Rival

STEPS = ("steps", "--cell", "lstm", "--layers", 2, "--hidden", 512, "--lanes", 64, "--steps", 64)


@dataclasses.dataclass(frozen=True)
class TrainingMemory:
    """The most memory that a process holds while it trains, ours and PyTorch's, each in a process of its own."""

    name: str
    goals: tuple
    beyond: tuple
    work: dict

    def measure(self, session):
        answer = session.engine.measure(*STEPS, "--seconds", min(2, session.seconds))
        figures = {"megabytes": answer["peak_memory_bytes"] / 1e6}
        result = Result(figures, f"{figures['megabytes']:.0f} MB")
        if session.rival:
            configuration, rival = named(TRAINING, "eager"), Rival()
            answer = rival.measure(self.work, configuration, min(2, session.seconds))
            rival.stop()
            figures["theirs"] = answer["peak_memory_bytes"] / 1e6
            figures["ratio"] = figures["megabytes"] / figures["theirs"]
            result.theirs, result.configuration = f"{figures['theirs']:.0f} MB", configuration["name"]
            if "+cu" in (session.rival.version or ""):
                result.note = "PyTorch's build for graphics cards loads more than the one for processors alone"
        return result


@dataclasses.dataclass(frozen=True)
class ProgramMemory:
    """The same of the whole of `charnn train`: text, store, validation and all."""

    name: str
    goals: tuple
    beyond: tuple

    def measure(self, session):
        text = session.folder / "memory.txt"
        texts.write(text, 400_000)
        command = [session.engine.charnn, "train", text, "--stack", "lstm:512,lstm:512", "--embedding", 0]
        command += ["--dropout", 0, "--batch", 64, "--window", 64, "--steps", 8, "--validation", 2000]
        _, memory = run([*command, "--store", session.folder / "memory.sqlite"], session.folder)
        return Result({"megabytes": memory / 1e6}, f"{memory / 1e6:.0f} MB")


def _starts(session, start):
    """Milliseconds of each of some starts, after one that brings the files into memory."""
    start()
    return [1000 * start() for _ in range(5 if session.quick else 15)]


@dataclasses.dataclass(frozen=True)
class SamplingStart:
    """From the start of `charnn sample` to its first character."""

    name: str
    goals: tuple
    beyond: tuple

    def measure(self, session):
        text, store = session.folder / "start.txt", session.folder / "start.sqlite"
        texts.write(text, 60_000)
        command = [session.engine.charnn, "train", text, "--stack", "lstm:512,lstm:512", "--embedding", 0]
        command += ["--steps", 2, "--batch", 16, "--window", 16, "--validation", 500]
        run([*command, "--store", store], session.folder)
        sample = [session.engine.charnn, "sample", "--length", 20, "--seed", 1, "--store", store]
        times = _starts(session, lambda: seconds_to_first_byte(sample, session.folder))
        return _start_result(times)


@dataclasses.dataclass(frozen=True)
class EncodingStart:
    """From the start of `ae encode` of one image to its end, the code written."""

    name: str
    goals: tuple
    beyond: tuple

    def measure(self, session):
        digits = pathlib.Path(__file__).parents[2] / "corpora" / "digits"
        image = min(digits.rglob("*.png"))
        store, codes = session.folder / "images.sqlite", session.folder / "codes.csv"
        run([session.engine.ae, "train", digits, "--steps", 3, "--store", store], session.folder)
        encode = [session.engine.ae, "encode", image, "--output", codes, "--store", store]

        def start():
            codes.unlink(missing_ok=True)
            return run(encode, session.folder)[0]

        return _start_result(_starts(session, start))


def _start_result(times):
    figures = {"milliseconds": statistics.median(times)}
    return Result(figures, f"{figures['milliseconds']:.0f} ms", rounds=[{"milliseconds": time} for time in times])
