"""The table: what is measured, and the goal that each figure is held against.

Floating-point operations are counted as the model's useful ones. Shares of the peak are of the multiply-add peak
of the same threads and instruction set, measured in the same process just before and after.
"""

from . import configurations
from .corpora import CorpusReading, CorpusScaling
from .quantities import at_least, at_most
from .rates import AgainstOurselves, AgainstPyTorch, OfThePeak
from .whole_programs import EncodingStart, ProgramMemory, SamplingStart, TrainingMemory

CLASSES = 65
CELL_NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "tanh RNN"}


def _steps(cell, layers, hidden, lanes=64, steps=64, **more):
    options = {"cell": cell, "layers": layers, "hidden": hidden, "lanes": lanes, "steps": steps} | more
    return ("steps", *(word for name, value in options.items() for word in (f"--{name}", value)))


def _training_work(cell, layers, hidden, lanes, steps):
    work = {"kind": "training", "cell": cell, "layers": layers, "hidden": hidden, "lanes": lanes, "steps": steps}
    return work | {"classes": CLASSES}


def _training_in_half(cell, layers, hidden):
    """Against the fastest of any precision."""
    side = 50 if hidden == 128 else 64
    return AgainstPyTorch(
        name=f"{CELL_NAMES[cell]} {layers}×{hidden}, training in bf16",
        goals=(at_least("ratio, memory kept", "ratio", 2), at_least("share of peak", "share", 0.85, "of bf16's peak")),
        beyond=(),
        arguments=(*_steps(cell, layers, hidden, side, side), "--precision", "bf16"),
        work=_training_work(cell, layers, hidden, side, side),
        rate="characters_per_second",
        unit="char/s",
        shares={"share of peak": "share_of_peak", "GFLOP/s": "useful_gigaflops"},
        configurations=configurations.TRAINING_IN_HALF,
        usual="bf16",
    )


def _training(cell, layers, hidden, ratio, share, beyond, usual="eager", window=None):
    """`window`: lanes and steps, where they are others than usual."""
    side = 50 if hidden == 128 else 64
    lanes, steps = window or (side, side)
    return AgainstPyTorch(
        name=f"{CELL_NAMES[cell]} {layers}×{hidden}{f', {lanes} lanes of {steps}' if window else ''}, training",
        goals=(at_least("ratio", "ratio", ratio), at_least("share of peak", "share", share, "of the peak")),
        beyond=(at_least("share of peak", "share", beyond),),
        arguments=_steps(cell, layers, hidden, lanes, steps),
        work=_training_work(cell, layers, hidden, lanes, steps),
        rate="characters_per_second",
        unit="char/s",
        shares={"share of peak": "share_of_peak", "GFLOP/s": "useful_gigaflops"},
        configurations=configurations.TRAINING,
        usual=usual,
    )


def _like_plain(name, hidden, plain, **more):
    return AgainstOurselves(
        name=f"LSTM 2×{hidden}, {name}, training",
        goals=(at_least("ratio", "share", 0.92, f"of 2×{plain} per operation"),),
        beyond=(),
        arguments=_steps("lstm", 2, hidden, **more),
        plain=_steps("lstm", 2, plain),
        figure="useful_gigaflops",
        unit="GFLOP/s",
    )


def _sampling(cell, hidden, streams, goals, beyond, usual):
    options = ("--cell", cell, "--layers", 2, "--hidden", hidden, "--streams", streams)
    return AgainstPyTorch(
        name=f"{CELL_NAMES[cell]} 2×{hidden}, sampling {'one stream' if streams == 1 else f'{streams} streams'}",
        goals=goals,
        beyond=beyond,
        arguments=("sample", *options),
        work={
            "kind": "sampling",
            "cell": cell,
            "layers": 2,
            "hidden": hidden,
            "streams": streams,
            "classes": CLASSES,
        },
        rate="characters_per_second",
        unit="char/s",
        shares={"share of reading": "share_of_reading"} if streams == 1 else {},
        configurations=configurations.SAMPLING,
        usual=usual,
    )


def _sampling_in_bytes(hidden, streams, bound):
    """Against the fastest of any precision."""
    options = ("--cell", "lstm", "--layers", 2, "--hidden", hidden, "--streams", streams, "--precision", "int8")
    return AgainstPyTorch(
        name=f"LSTM 2×{hidden}, sampling {'one stream' if streams == 1 else f'{streams} streams'} in int8",
        goals=(at_least("ours", "char/s", bound),),
        beyond=(),
        arguments=("sample", *options),
        work={"kind": "sampling", "cell": "lstm", "layers": 2, "hidden": hidden, "streams": streams, "classes": CLASSES},
        rate="characters_per_second",
        unit="char/s",
        shares={},
        configurations=configurations.SAMPLING_IN_BYTES,
        usual="int8 module",
    )


def _autoencoder_in_half(network, title, bound):
    """Against the fastest of any precision."""
    return AgainstPyTorch(
        name=f"{title}, training in bf16",
        goals=(at_least("ratio, memory kept", "ratio", bound),),
        beyond=(),
        arguments=("autoencoder", network, "train", "--precision", "bf16"),
        work={"kind": "autoencoder", "network": network, "task": "train"},
        rate="images_per_second",
        unit="images/s",
        shares={"share of peak": "share_of_peak", "GFLOP/s": "useful_gigaflops"},
        configurations=configurations.AUTOENCODER_TRAINING_IN_HALF,
        usual="bf16, channels last",
    )


def _autoencoder(network, title, task, ratio, beyond, usual):
    return AgainstPyTorch(
        name=f"{title}, {'training' if task == 'train' else 'encoding'}",
        goals=(at_least("ratio", "ratio", ratio),),
        beyond=(at_least("ratio", "ratio", beyond),) if beyond else (),
        arguments=("autoencoder", network, task),
        work={"kind": "autoencoder", "network": network, "task": task},
        rate="images_per_second",
        unit="images/s",
        shares={"share of peak": "share_of_peak", "GFLOP/s": "useful_gigaflops"},
        configurations=configurations.AUTOENCODER_TRAINING if task == "train" else configurations.ENCODING,
        usual=usual,
    )


def _autoencoders():
    for network, title, training, encoding in (
        ("a16", "autoencoder 28×28, 16/32 channels, batch 128", (3.5, 4.5), (2, None)),
        ("a32", "autoencoder 28×28, 32/64 channels, batch 128", (2, 2.4), (1.5, None)),
        ("book", "the book's autoencoder, batch 60", (2.7, None), (3, None)),
        ("c", "autoencoder 64×64×3, 32…256 channels, batch 64", (1.5, 2), (1.1, 1.3)),
        ("d", "autoencoder 128×128×3, 32…256 channels, batch 32", (1.5, 2), (1.1, 1.3)),
    ):
        yield _autoencoder(network, title, "train", *training, usual=USUAL[network, "train"])
        yield _autoencoder_in_half(network, title, 1.5 if network in "cd" else 2)
        yield _autoencoder(network, title, "encode", *encoding, usual=USUAL[network, "encode"])


# What was fastest of what need not be compiled, on two cores of Zen 5 with PyTorch 2.15.
USUAL = {
    (network, task): "eager, channels last"
    for network in ("a16", "a32", "book", "c", "d")
    for task in ("train", "encode")
}

ROWS = (
    _training("lstm", 2, 512, 1.75, 0.85, 0.90),
    _training("lstm", 2, 256, 2, 0.80, 0.88),
    _training("lstm", 2, 128, 1.9, 0.75, 0.85),
    _training("lstm", 3, 1024, 1.3, 0.85, 0.92),
    _training("gru", 2, 512, 3, 0.75, 0.85),
    _training("gru", 2, 128, 3, 0.75, 0.85),
    _training("rnn", 2, 512, 3, 0.70, 0.85),
    _training("rnn", 2, 128, 3, 0.70, 0.85),
    # What `charnn train` chooses for 0.5 and for 1 million characters, but for dropout and the embedding.
    _training("lstm", 1, 512, 2, 0.60, 0.75, window=(8, 32)),
    _training("lstm", 1, 768, 2, 0.70, 0.80, window=(16, 32)),
    *(_training_in_half(cell, 2, hidden) for cell in ("lstm", "gru", "rnn") for hidden in (512, 128)),
    _like_plain("dropout 0.4, embedding 128", 500, 512, dropout=0.4, embedding=128),
    _like_plain("dropout 0.4, embedding 64", 200, 256, dropout=0.4, embedding=64),
    _like_plain("vocabulary of 300", 512, 512, classes=300),
    _like_plain("vocabulary of 5,000, embedding 128", 512, 512, classes=5000, embedding=128),
    _like_plain("vocabulary of 5,000, one-hot", 512, 512, classes=5000),
    OfThePeak(
        "LSTM 2×512 with AVX2 kernels, training",
        (at_least("share of peak", "share", 0.70, "of the AVX2 peak"),),
        (at_least("share of peak", "share", 0.80),),
        (*_steps("lstm", 2, 512), "--isa", "avx2"),
    ),
    AgainstOurselves(
        "LSTM 2×512, two threads over one",
        (at_least("ratio", "ratio", 1.9),),
        (),
        (*_steps("lstm", 2, 512), "--threads", 2),
        (*_steps("lstm", 2, 512), "--threads", 1),
        "characters_per_second",
        "char/s",
    ),
    _sampling(
        "lstm",
        512,
        1,
        (at_least("ratio", "ratio", 1.5), at_least("share of reading", "share", 0.70, "of reading the weights")),
        (at_least("share of reading", "share", 0.90),),
        usual="cells, exponential draw",
    ),
    _sampling("lstm", 128, 1, (at_least("ratio", "ratio", 4),), (), usual="cells, exponential draw"),
    _sampling("gru", 128, 1, (at_least("ratio", "ratio", 4),), (), usual="cells, exponential draw"),
    _sampling(
        "lstm",
        512,
        64,
        (at_least("ratio", "ratio", 2),),
        (at_least("ratio", "ratio", 2.5),),
        usual="module",
    ),
    _sampling_in_bytes(512, 1, 40_000),
    _sampling_in_bytes(128, 1, 250_000),
    _sampling_in_bytes(512, 64, 150_000),
    *_autoencoders(),
    TrainingMemory(
        "LSTM 2×512, training, peak memory",
        (at_most("megabytes", "megabytes", 220), at_most("ratio", "ratio", 1 / 3, "of PyTorch's")),
        (),
        _training_work("lstm", 2, 512, 64, 64),
    ),
    ProgramMemory(
        "the same with `charnn train`, store and text included", (at_most("megabytes", "megabytes", 220),), ()
    ),
    SamplingStart(
        "`charnn sample` (LSTM 2×512), process start to first character",
        (at_most("milliseconds", "milliseconds", 50),),
        (),
    ),
    EncodingStart(
        "`ae encode` of one image, process start to code", (at_most("milliseconds", "milliseconds", 50),), ()
    ),
    CorpusReading(
        "reading UTF-8 to ids, for 1 GB",
        (
            at_most("seconds per GB", "seconds", 5),
            at_most("bytes per character", "bytes", 1.3, "of memory a character"),
        ),
        (at_most("times read alone", "ratio", 1.1, "of `read`"),),
    ),
    CorpusScaling(
        "the same, cost of a character as the file grows",
        (
            at_most("growth", "ratio", 1.15, "from the smallest to the largest"),
            at_most("megabytes beyond the ids", "megabytes", 20, "beyond the ids"),
        ),
        (),
    ),
)
