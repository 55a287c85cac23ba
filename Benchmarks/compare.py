"""Training steps of the engine beside PyTorch's, interleaved: compare.py [ROUNDS] [SECONDS].

Needs `pip install torch`. Prints medians of the rounds, the ratio, and the share of the multiply-add peak measured in
the same round.
"""
import pathlib, statistics, subprocess, sys

here = pathlib.Path(__file__).parent
rounds, seconds = (sys.argv[1:] + ["3", "5"][len(sys.argv) - 1 :])[:2]
subprocess.run(["swift", "build", "-c", "release", "--package-path", here], check=True, stdout=subprocess.DEVNULL)
binary = subprocess.run(
    ["swift", "build", "-c", "release", "--package-path", here, "--show-bin-path"], capture_output=True, text=True
).stdout.strip() + "/EngineBenchmarks"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


print("| work | engine, char/s | PyTorch, char/s | ratio | share of peak |\n|---|---|---|---|---|")
for kind, hidden in [(k, h) for h in (128, 512) for k in ("lstm", "gru", "rnn")]:
    ours, theirs, shares = [], [], []
    for _ in range(int(rounds)):
        peak = float(output(binary, "peak")[1])
        engine = output(binary, "steps", kind, str(hidden), seconds)
        ours.append(float(engine[3]))
        shares.append(float(engine[4]) / peak)
        theirs.append(float(output(sys.executable, here / "pytorch_steps.py", kind, str(hidden), seconds)[3]))
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"| {kind} 2×{hidden} | {a:,.0f} | {b:,.0f} | {a / b:.2f} | {statistics.median(shares):.0%} |", flush=True)
