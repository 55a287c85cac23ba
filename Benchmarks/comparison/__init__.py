"""The engine beside PyTorch: every row of a table of goals, measured in turn. See `compare.py`."""
