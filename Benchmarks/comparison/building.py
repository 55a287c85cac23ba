"""Building our side, and looking whether there is another one."""

import importlib.util, pathlib, subprocess, sys

from .engine import Engine

PACKAGE = pathlib.Path(__file__).parents[2]


def build(log):
    """Builds what is measured. The first time takes minutes."""
    command = ["swift", "build", "-c", "release", "--package-path", str(PACKAGE)]
    for product in ("EngineBenchmarks", "charnn", "ae"):
        log(f"Building {product}")
        done = subprocess.run([*command, "--product", product], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} --product {product} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    shown = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
    return Engine(pathlib.Path(shown.stdout.strip()))


def require_torch():
    """Ends the program, saying how to install it, where PyTorch is missing."""
    if importlib.util.find_spec("torch") is None:
        sys.exit(
            f"PyTorch was not found by {sys.executable}. Install it (a processor's build is enough):\n"
            "    python3 -m pip install torch --index-url https://download.pytorch.org/whl/cpu\n"
            "or measure our side alone: --without-pytorch"
        )
