"""Figures with their units, and the goals they are held against."""

import dataclasses, typing

# How a figure of each kind is written.
FORMATS = {
    "ratio": lambda value: f"{value:.2f}×",
    "share": lambda value: f"{100 * value:.0f} %",
    "milliseconds": lambda value: f"{value:.0f} ms",
    "seconds": lambda value: f"{value:.1f} s",
    "megabytes": lambda value: f"{value:.0f} MB",
    "bytes": lambda value: f"{value:.2f} bytes",
    "char/s": lambda value: f"{value:,.0f} char/s",
    "images/s": lambda value: f"{value:,.0f} images/s",
    "GFLOP/s": lambda value: f"{value:,.0f} GFLOP/s",
    "ns/char": lambda value: f"{value:.2f} ns/char",
}


def written(value, unit):
    return FORMATS[unit](value)


@dataclasses.dataclass(frozen=True)
class Goal:
    """A bound on one figure of a row. `of` says what it is a share or ratio of, where that is not plain."""

    figure: str
    unit: str
    bound: float
    at_least: bool = True
    of: str = ""

    def is_met(self, value):
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self):
        return f"{'≥' if self.at_least else '≤'} {written(self.bound, self.unit)}{self.of and ' ' + self.of}"

    def reached(self, value):
        return f"{written(value, self.unit)}{self.of and ' ' + self.of}"


def at_least(figure, unit, bound, of=""):
    return Goal(figure, unit, bound, True, of)


def at_most(figure, unit, bound, of=""):
    return Goal(figure, unit, bound, False, of)


@dataclasses.dataclass
class Result:
    """What a row reached."""

    # Medians, by the names that goals use.
    figures: dict
    ours: str
    theirs: str = ""
    configuration: str = ""
    # PyTorch's with the C library's memory settings changed.
    theirs_tuned: str = ""
    # Every measurement, round by round.
    rounds: list = dataclasses.field(default_factory=list)
    # What the search for PyTorch's fastest configuration found.
    search: list = dataclasses.field(default_factory=list)
    note: str = ""
    # The share of the processors that other programs took meanwhile; None: of the whole row.
    others: typing.Optional[float] = None
