"""PyTorch's side, in a process of its own: `worker.py` takes requests, the other files hold the work."""
