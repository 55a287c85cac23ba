"""Autoencoders of the engine beside PyTorch's, interleaved: compare_autoencoders.py [ROUNDS] [SECONDS].

Needs `pip install torch`. Prints medians of the rounds: images per second in training and in encoding, and the ratio to
the faster of PyTorch's memory formats.
"""
import collections, json, pathlib, statistics, subprocess, sys

here = pathlib.Path(__file__).parent
rounds, seconds = (sys.argv[1:] + ["3", "4"][len(sys.argv) - 1 :])[:2]
subprocess.run(["swift", "build", "-c", "release", "--package-path", here], check=True, stdout=subprocess.DEVNULL)
binary = subprocess.run(
    ["swift", "build", "-c", "release", "--package-path", here, "--show-bin-path"], capture_output=True, text=True
).stdout.strip() + "/EngineBenchmarks"


def lines(*command):
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


print("| network | work | engine, images/s | PyTorch, images/s | its format | ratio |\n|---|---|---|---|---|---|")
for network in ("a16", "a32", "book", "c", "d"):
    for task in ("train", "encode"):
        rates = collections.defaultdict(list)
        for _ in range(int(rounds)):
            # The engine's line: {"images_per_second": …}
            for line in lines(binary, "autoencoder", network, task, seconds):
                rates["engine"].append(line["images_per_second"])
            for line in lines(sys.executable, here / "pytorch_autoencoders.py", network, task, seconds):
                rates[line["format"]].append(line["images_per_second"])
        medians = {name: statistics.median(values) for name, values in rates.items()}
        ours = medians.pop("engine")
        best = max(medians, key=medians.get)
        ratio = f"{ours / medians[best]:.2f}"
        print(f"| {network} | {task} | {ours:,.0f} | {medians[best]:,.0f} | {best} | {ratio} |", flush=True)
