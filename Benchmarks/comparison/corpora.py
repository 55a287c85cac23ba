"""Rows about reading text."""

import dataclasses

from . import texts
from .quantities import Result
from .rates import medians


def _read(session, size, repetitions):
    path = session.folder / "corpus.txt"
    texts.write(path, size)
    answer = session.engine.measure("corpus", path, "--repetitions", repetitions)
    path.unlink()
    return answer


@dataclasses.dataclass(frozen=True)
class CorpusReading:
    """A large file of UTF-8 to ids, scaled to a gigabyte."""

    name: str
    goals: tuple
    beyond: tuple

    def measure(self, session):
        size = 100_000_000 if session.quick else 1_000_000_000
        path, rounds = session.folder / "corpus.txt", []
        texts.write(path, size)
        for _ in range(session.rounds):
            answer = session.engine.measure("corpus", path)
            scale = 1e9 / answer["bytes"]
            rounds.append(
                {
                    "seconds per GB": answer["seconds"] * scale,
                    "bytes per character": answer["memory_bytes_per_character"],
                    "seconds per GB, read alone": answer["plain_read_seconds"] * scale,
                }
            )
        path.unlink()
        figures = medians(rounds)
        figures["times read alone"] = figures["seconds per GB"] / figures["seconds per GB, read alone"]
        ours = f"{figures['seconds per GB']:.2f} s/GB (`read` alone {figures['seconds per GB, read alone']:.2f})"
        return Result(figures, ours, rounds=rounds, note=f"a file of {size / 1e6:,.0f} MB")


@dataclasses.dataclass(frozen=True)
class CorpusScaling:
    """The cost of a character, and the memory beyond the ids, as the file grows a thousandfold."""

    name: str
    goals: tuple
    beyond: tuple

    def measure(self, session):
        sizes = [1_000_000, 10_000_000, 100_000_000] + ([] if session.quick else [1_000_000_000])
        rounds = []
        for size in sizes:
            # A short reading is repeated for a steady figure.
            answer = _read(session, size, max(1, min(50, 100_000_000 // size)))
            memory = answer["memory_bytes_peak"] - answer["memory_bytes_before"] - answer["id_bytes"]
            rounds.append(
                {
                    "bytes": answer["bytes"],
                    "ns/char": answer["nanoseconds_per_character"],
                    "MB beyond the ids": memory / 1e6,
                }
            )
        costs, memories = ([entry[name] for entry in rounds] for name in ("ns/char", "MB beyond the ids"))
        figures = {"growth": costs[-1] / costs[0], "megabytes beyond the ids": memories[-1]}
        ours = f"{', '.join(f'{cost:.2f}' for cost in costs)} ns; "
        ours += f"{', '.join(f'{memory:.0f}' for memory in memories)} MB beyond the ids"
        names = ", ".join(f"{size // 1_000_000:,} MB" for size in sizes)
        return Result(figures, ours, rounds=rounds, note=f"files of {names}")
