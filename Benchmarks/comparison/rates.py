"""Rows that are rates: against PyTorch, or against a rate of our own."""

import dataclasses, statistics

from .configurations import named
from .interference import DISTURBED, Interference
from .quantities import Result, written
from .rival import FREED_MEMORY_IS_KEPT, Rival, RivalFailed


def measured_rounds(session, measure, earlier=None):
    """What `measure` returns, round by round, after the rounds of an earlier result.

    Where other programs were busy meanwhile, a round is measured again, at most twice as many in all: threads that wait
    for each other spinning, PyTorch's most, lose far more than their share.
    """
    quiet, disturbed, most = [], [], session.rounds * (1 if session.quick else 2)
    while len(quiet) < session.rounds and len(quiet) + len(disturbed) < most:
        interference = Interference()
        entry = measure()
        entry["others"] = round(interference.share(), 3)
        (disturbed if entry["others"] > DISTURBED else quiet).append(entry)
    return (earlier.rounds if earlier else []) + quiet + disturbed[: session.rounds - len(quiet)]


def medians(rounds):
    """Of each figure of the rounds."""
    names = dict.fromkeys(name for entry in rounds for name in entry)
    return {name: statistics.median(entry[name] for entry in rounds if name in entry) for name in names}


def rate_with_freed_memory_kept(work, configuration, seconds):
    """The better of two, or None."""
    rival = Rival(environment=FREED_MEMORY_IS_KEPT)
    try:
        return max(rival.measure(work, configuration, seconds)["rate"] for _ in range(2))
    except RivalFailed:
        return None
    finally:
        rival.stop()


class Rate:
    """A row whose `measure` takes an earlier result, too, and adds rounds to it: later passes through the table do."""


@dataclasses.dataclass(frozen=True)
class AgainstPyTorch(Rate):
    """The same work on both sides, in turn. Figures: ours, theirs, ratio, and those in `shares`."""

    name: str
    goals: tuple
    beyond: tuple
    # Of EngineBenchmarks, and the same in the words of comparison/pytorch.
    arguments: tuple
    work: dict
    rate: str
    unit: str
    # Figure: key of the engine's answer.
    shares: dict
    configurations: list
    # The name of the one that is usually fastest.
    usual: str

    def measure(self, session, earlier=None):
        configuration, search, tuned = None, [], None
        if session.rival and earlier:
            configuration, search = named(self.configurations, earlier.configuration), earlier.search
            tuned = earlier.figures.get("theirs tuned")
        elif session.rival:
            configuration = named(self.configurations, self.usual)
            if session.search_seconds:
                tried = [one for one in self.configurations if session.compiles_recurrence or not one.get("unrolled")]
                configuration, search = session.rival.best_configuration(
                    self.work, tried, session.search_seconds, session.log
                )

        def measure():
            answer = session.engine.measure(*self.arguments, "--seconds", session.seconds)
            entry = {"ours": answer[self.rate]} | {name: answer[key] for name, key in self.shares.items()}
            if configuration:
                entry["theirs"] = session.rival.measure(self.work, configuration, session.seconds)["rate"]
            return entry

        rounds = measured_rounds(session, measure, earlier)
        figures = medians(rounds)
        if configuration:
            figures["ratio"] = figures["ours"] / figures["theirs"]
            if session.search_seconds and not tuned:
                session.rival.stop()
                tuned = rate_with_freed_memory_kept(self.work, configuration, session.seconds)
            figures["theirs tuned"] = tuned
            if tuned:
                figures["ratio, memory kept"] = figures["ours"] / max(tuned, figures["theirs"])
        return Result(
            figures,
            ours=written(figures["ours"], self.unit),
            theirs=written(figures["theirs"], self.unit) if configuration else "",
            theirs_tuned=written(tuned, self.unit) if tuned else "",
            configuration=configuration["name"] if configuration else "",
            rounds=rounds,
            search=search,
            others=figures["others"],
        )


@dataclasses.dataclass(frozen=True)
class AgainstOurselves(Rate):
    """A case of ours beside a plainer one, in turn. Figures: ours, plain, ratio."""

    name: str
    goals: tuple
    beyond: tuple
    arguments: tuple
    plain: tuple
    figure: str
    unit: str

    def measure(self, session, earlier=None):
        def measure():
            plain = session.engine.measure(*self.plain, "--seconds", session.seconds)
            case = session.engine.measure(*self.arguments, "--seconds", session.seconds)
            return {"ours": case[self.figure], "plain": plain[self.figure], "share of peak": case["share_of_peak"]}

        rounds = measured_rounds(session, measure, earlier)
        figures = medians(rounds)
        figures["ratio"] = figures["ours"] / figures["plain"]
        plain = f"plain case {written(figures['plain'], self.unit)}"
        ours = f"{written(figures['ours'], self.unit)}; {plain}"
        return Result(figures, ours, rounds=rounds, others=figures["others"])


@dataclasses.dataclass(frozen=True)
class OfThePeak(Rate):
    """Training as a share of the peak of its instruction set."""

    name: str
    goals: tuple
    beyond: tuple
    arguments: tuple

    def measure(self, session, earlier=None):
        def measure():
            answer = session.engine.measure(*self.arguments, "--seconds", session.seconds)
            return {"ours": answer["characters_per_second"], "share of peak": answer["share_of_peak"]}

        rounds = measured_rounds(session, measure, earlier)
        figures = medians(rounds)
        return Result(figures, written(figures["ours"], "char/s"), rounds=rounds, others=figures["others"])
