#!/usr/bin/env python3
"""The engine beside PyTorch, and both beside what this machine can do.

    python3 Benchmarks/compare.py                      every row: about an hour and a half
    python3 Benchmarks/compare.py --quick              every row, short: under two minutes once it is built
    python3 Benchmarks/compare.py --only 'LSTM 2×512'  some rows
    python3 Benchmarks/compare.py --without-pytorch    our side alone

Prints the table and writes it as Markdown and JSON. Builds our programs; PyTorch comes with `pip install torch`.
Measure on a machine with nothing else to do: PyTorch's threads wait for each other spinning, and next to another busy
program it can fall to a fiftieth.
"""

from comparison.command import main

main(__doc__)
