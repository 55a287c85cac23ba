"""The ways to run a PyTorch model that are tried for each kind of work. The fastest one is the rival."""


def _configuration(name, onednn=True, threads=2, **more):
    parts = [name, "" if onednn else "oneDNN off", "" if threads == 2 else f"{threads} thread"]
    return {"name": ", ".join(part for part in parts if part), "onednn": onednn, "threads": threads} | more


TRAINING = [
    _configuration("eager"),
    _configuration("eager", onednn=False),
    _configuration("compiled", compiled=True),
    _configuration("compiled", onednn=False, compiled=True),
    # Experimental in PyTorch 2.15: every step unrolled. A third faster for a GRU. With oneDNN an LSTM fails to compile.
    _configuration("compiled through the recurrence", onednn=False, compiled=True, unrolled=True),
]

# Half precision beside all others: a rival may choose.
TRAINING_IN_HALF = [
    _configuration("bf16", precision="bf16"),
    _configuration("bf16, compiled", precision="bf16", compiled=True),
    *TRAINING,
]

SAMPLING = [
    configuration
    for threads in (2, 1)
    for configuration in (
        _configuration("cells", threads=threads, form="cells"),
        _configuration("cells, exponential draw", threads=threads, form="cells", draw="exponential"),
        _configuration("compiled cells", threads=threads, form="cells", compiled=True),
        _configuration(
            "compiled cells, exponential draw", threads=threads, form="cells", draw="exponential", compiled=True
        ),
        _configuration("module", threads=threads, form="module"),
        _configuration("module", onednn=False, threads=threads, form="module"),
    )
]

SAMPLING_IN_BYTES = [
    configuration
    for threads in (2, 1)
    for configuration in (
        _configuration("int8 cells", threads=threads, form="cells", precision="int8"),
        _configuration("int8 cells, exponential draw", threads=threads, form="cells", draw="exponential", precision="int8"),
        _configuration("int8 module", threads=threads, form="module", precision="int8"),
        _configuration(
            "int8 module, exponential draw", threads=threads, form="module", draw="exponential", precision="int8"
        ),
    )
] + SAMPLING

_IMAGES = [
    _configuration(f"{way}, {order}", onednn=onednn, channels_last=order == "channels last", **more)
    for order in ("NCHW", "channels last")
    for way, onednn, more in (("eager", True, {}), ("eager", False, {}), ("compiled", True, {"compiled": True}))
]
AUTOENCODER_TRAINING = _IMAGES
AUTOENCODER_TRAINING_IN_HALF = [
    _configuration(f"bf16{way}, {order}", channels_last=order == "channels last", precision="bf16", **more)
    for order in ("NCHW", "channels last")
    for way, more in (("", {}), (", compiled", {"compiled": True}))
] + _IMAGES
ENCODING = _IMAGES + [
    _configuration(f"compiled, frozen, {order}", channels_last=order == "channels last", compiled=True, freezing=True)
    for order in ("NCHW", "channels last")
]


def named(configurations, name):
    """The one of that name."""
    return next(configuration for configuration in configurations if configuration["name"] == name)
