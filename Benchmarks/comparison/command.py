"""The command line."""

import argparse, contextlib, fnmatch, pathlib, signal, sys, tempfile, time

from . import building, machine, report
from .engine import EngineFailed
from .interference import DISTURBED, Interference
from .rates import Rate
from .rival import Rival, RivalFailed
from .rows import ROWS
from .session import Session

RESULTS = pathlib.Path(__file__).parents[1] / "results"


def parse(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--passes",
        type=int,
        help="through the whole table, minutes apart, as machines change their speed by the minute (default: 3; 1 with "
        "--quick or --only)",
    )
    parser.add_argument(
        "--rounds", type=int, help="of each row in a pass (default: 2; 5 if there is but one pass; 1 with --quick)"
    )
    parser.add_argument("--seconds", type=float, help="of each measurement (default: 4; 0.4 with --quick)")
    parser.add_argument(
        "--search-seconds",
        type=float,
        help="of each configuration of PyTorch that is tried (default: 1.5); 0: none is tried, the one that is usually "
        "fastest is taken (so with --quick)",
    )
    parser.add_argument("--quick", action="store_true", help="every row, short: under two minutes once it is built")
    parser.add_argument(
        "--only", metavar="PATTERN", action="append", default=[], help="rows with this in their name (* ? allowed)"
    )
    parser.add_argument(
        "--compile-recurrence",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="try torch.compile through recurrent layers too, which takes minutes each the first time (default: yes)",
    )
    parser.add_argument("--list", action="store_true", help="name the rows and their goals, measure nothing")
    parser.add_argument("--without-pytorch", action="store_true", help="our columns only")
    where = "comparison, with --quick or --only quick or selection"
    parser.add_argument(
        "--markdown", type=pathlib.Path, metavar="FILE", help=f"(default: in {RESULTS}, called {where})"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="the same")
    parser.add_argument("--into", type=pathlib.Path, metavar="FILE", help="a page whose table is to be replaced too, Documentation/Benchmarks.md for instance")
    options = parser.parse_args()
    options.passes = options.passes or (1 if options.quick or options.only else 3)
    options.rounds = options.rounds or (1 if options.quick else 5 if options.passes == 1 else 2)
    options.seconds = options.seconds or (0.4 if options.quick else 4)
    if options.search_seconds is None:
        options.search_seconds = 0 if options.quick else 1.5
    name = "selection" if options.only else "quick" if options.quick else "comparison"
    options.markdown = options.markdown or RESULTS / f"{name}.md"
    options.json = options.json or RESULTS / f"{name}.json"
    return options


def chosen(patterns):
    return [
        row
        for row in ROWS
        if not patterns or any(fnmatch.fnmatch(row.name.lower(), f"*{pattern.lower()}*") for pattern in patterns)
    ]


def measure(rows, session, passes):
    """Pairs of a row and its result so far, or of a row and what went wrong: each row once in every pass, those that are
    no rates only in the first."""
    found = {}
    for number in range(passes):
        for place, row in enumerate(rows, 1):
            earlier = found.get(row.name)
            if isinstance(earlier, str) or earlier and not isinstance(row, Rate):
                continue
            session.log(f"{place}/{len(rows)} {row.name}{f', pass {number + 1} of {passes}' if passes > 1 else ''}")
            found[row.name] = _measured(row, session, earlier)
            yield row, found[row.name]


def _measured(row, session, earlier):
    start, interference = time.perf_counter(), Interference()
    try:
        result = row.measure(session, earlier) if earlier else row.measure(session)
        if result.others is None:
            result.others = round(interference.share(), 3)
    except (EngineFailed, RivalFailed) as error:
        result = f"failed: {error}"
    except Exception as error:  # Whatever it is, the rows before it are not lost.
        result = f"failed: {type(error).__name__}: {error}"
    if session.rival:
        # With time to spare each row gets a process of its own; otherwise one that has let go of everything.
        with contextlib.suppress(RivalFailed):
            session.rival.forget() if session.quick else session.rival.stop()
    session.log(f"    {report.table_line(row, result) if not isinstance(result, str) else result}")
    busy = getattr(result, "others", 0)
    warning = f", {busy:.0%} of the processors were busy with something else" if busy > DISTURBED else ""
    session.log(f"    {time.perf_counter() - start:.0f} s{warning}")
    return result


def main(description):
    options = parse(description)
    rows = chosen(options.only)
    if not rows:
        sys.exit(f"no row's name has {' or '.join(options.only)} in it; --list shows them")
    if options.list:
        for row in rows:
            print(f"{row.name}: {report.goal_text(row)}")
        return
    if not options.without_pytorch:
        building.require_torch()
    # So that what is temporary goes away and PyTorch's process ends whichever way this one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def log(text):
        print(text, file=sys.stderr, flush=True)

    engine = building.build(log)
    rival = None if options.without_pytorch else Rival()
    names = ("passes", "rounds", "seconds", "search_seconds", "compile_recurrence", "quick", "only")
    settings = {name: getattr(options, name) for name in names}
    measured = {}
    with tempfile.TemporaryDirectory(prefix="jacquard-benchmarks-") as folder, contextlib.ExitStack() as stack:
        if rival:
            stack.callback(rival.stop)
            rival.start()
        interference = Interference()
        time.sleep(1)
        busy = interference.share()
        found = machine.describe(engine.measure("peak"), rival and rival.version, busy)
        log(report.machine_lines(found))
        if busy > DISTURBED:
            log(f"{busy:.0%} of the processors are busy with something else: the figures will be too low")
        session = Session(
            engine=engine,
            rival=rival,
            rounds=options.rounds,
            seconds=options.seconds,
            search_seconds=options.search_seconds,
            compiles_recurrence=options.compile_recurrence,
            quick=options.quick,
            folder=pathlib.Path(folder),
            log=log,
        )
        try:
            for row, result in measure(rows, session, options.passes):
                measured[row.name] = (row, result)
        except KeyboardInterrupt:
            log("Interrupted: what has been measured is written")
    measured = list(measured.values())
    text = report.markdown(measured, found, settings)
    for path, content in ((options.markdown, text), (options.json, report.as_json(measured, found, settings))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    if options.into:
        report.put_between_marks(options.into, text)
    print(text)
    log(f"Written to {options.markdown} and {options.json}")
    if any(isinstance(result, str) for _, result in measured):
        sys.exit(1)
