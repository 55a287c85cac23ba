"""The table as Markdown, and everything as JSON."""

import json, pathlib

from .interference import DISTURBED

MARKS = ("<!-- table of Benchmarks/compare.py -->", "<!-- end of the table -->")

COLUMNS = ("work", "ours", "of the peak", "PyTorch", "its configuration", "memory kept", "reached", "goal", "met")

NOTES = """\
Medians of {rounds}, {seconds:g} seconds each, ours and PyTorch's in turn, two threads; single precision on both sides but
where a row says bf16 or int8: there PyTorch may choose its precision (autocast, dynamic quantization). Training
steps: forward, loss, backward, clipping by norm (language models), Adam (the book's autoencoder: SGD with momentum);
windows of 64 in 64 lanes, 50 in 50 for 2×128; one-hot input of 65 characters unless said otherwise. Operations are
counted as ordinary products need them, of which Strassen's algorithm, in wide recurrent layers, does 7/8; the peak is
that of fused multiply-adds of the same threads, measured just before and after in the same process. {search}"""

SEARCHED = """\
PyTorch: the fastest of eager and `torch.compile`, oneDNN on and off; for pictures also
channels last (and frozen weights in encoding); for sampling also whole layers and cells, one and two threads, two ways
to draw. {recurrence}"""
KEPT = """\
"Memory kept": PyTorch in the same configuration, once, when the C library keeps freed memory (`MALLOC_TRIM_THRESHOLD_`
and `MALLOC_MMAP_THRESHOLD_` of 4 GB), which no goal asks for; by default it is faster or slower by luck, process by
process."""
THROUGH = "In training `torch.compile` was also tried through the recurrence, unrolled."
AROUND = "`torch.compile` left recurrent layers as they are."
TAKEN = "PyTorch: what is usually fastest in eager mode; nothing was compiled and no configuration searched for."
ALONE = "PyTorch was not measured."


def machine_lines(machine):
    torch = f", PyTorch {machine['torch']}" if machine["torch"] else ""
    return (
        f"{machine['date'][:10]}, {machine['processor']}, {machine['cores']} cores, {machine['instruction_set']}, "
        f"{machine['memory_gigabytes']:.0f} GB; peak {machine['peak_gigaflops']:.0f} GFLOP/s on {machine['threads']} "
        f"threads; {machine['system']}; {machine['swift']}{torch}"
    )


def reached(row, result):
    """What the goals say of the figures: text, and whether all are met (None where nothing can be said)."""
    known = [goal for goal in row.goals if result.figures.get(goal.figure) is not None]
    if not known:
        return "", None
    text = ", ".join(goal.reached(result.figures[goal.figure]) for goal in known)
    met = all(goal.is_met(result.figures[goal.figure]) for goal in known)
    return text, met if len(known) == len(row.goals) or not met else None


def goal_text(row):
    beyond = f" (beyond: {', '.join(goal.reached(goal.bound) for goal in row.beyond)})" if row.beyond else ""
    return ", ".join(map(str, row.goals)) + beyond


def _of_the_limit(figures):
    if "share of reading" in figures:
        return f"{figures['share of reading']:.0%} of reading"
    return f"{figures['share of peak']:.0%}" if "share of peak" in figures else ""


def table_line(row, result):
    text, met = reached(row, result)
    mark = {True: "yes", False: "no", None: ""}[met]
    if result.others is not None and result.others > DISTURBED:
        mark = "doubtful"
    ours = [row.name, result.ours, _of_the_limit(result.figures)]
    theirs = [result.theirs, result.configuration, result.theirs_tuned]
    return "| " + " | ".join([*ours, *theirs, text, goal_text(row), mark]) + " |"


def markdown(measured, machine, settings):
    """`measured`: pairs of a row and its result, or a text that says why there is none."""
    lines = [machine_lines(machine), ""]
    lines += [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    notes, disturbed = [], []
    for row, result in measured:
        if isinstance(result, str):
            reason = result.strip().splitlines()[0].replace("|", "\\|")
            lines.append(f"| {row.name} | {reason} | | | | | | {goal_text(row)} | no |")
            continue
        lines.append(table_line(row, result))
        if result.note:
            notes.append(f"{row.name}: {result.note}.")
        if result.others is not None and result.others > DISTURBED:
            disturbed.append(row.name)
    if disturbed:
        names = "; ".join(disturbed)
        notes.append(f"Doubtful, because other programs took more than {DISTURBED:.0%} of the processors: {names}.")
    search = ALONE if machine["torch"] is None else SEARCHED if settings["search_seconds"] else TAKEN
    recurrence = THROUGH if settings["compile_recurrence"] else AROUND
    search = search.replace("{recurrence}", recurrence)
    if machine["torch"] and settings["search_seconds"]:
        search = f"{search}\n{KEPT}"
    rounds, passes = settings["rounds"] * settings["passes"], settings["passes"]
    rounds = f"{rounds} round{'s' if rounds > 1 else ''}" + (f" in {passes} passes" if passes > 1 else "")
    text = NOTES.format(rounds=rounds, seconds=settings["seconds"], search=search)
    return "\n".join([*lines, "", text, *notes, ""])


def as_json(measured, machine, settings):
    rows = []
    for row, result in measured:
        entry = {"work": row.name, "goals": [str(goal) for goal in row.goals]}
        entry["beyond"] = [str(goal) for goal in row.beyond]
        if isinstance(result, str):
            entry["failed"] = result
        else:
            text, met = reached(row, result)
            entry |= {"reached": text, "met": met} | vars(result)
        rows.append(entry)
    return json.dumps({"machine": machine, "settings": settings, "rows": rows}, indent=1, ensure_ascii=False) + "\n"


def put_between_marks(path, text):
    """Replaces what stands between the marks of a Markdown file."""
    path = pathlib.Path(path)
    content = path.read_text()
    start, end = (content.find(mark) for mark in MARKS)
    if not 0 <= start < end:
        raise ValueError(f"{path} has no {MARKS[0]} followed by {MARKS[1]}")
    path.write_text(content[: start + len(MARKS[0])] + "\n\n" + text + "\n" + content[end:])
