"""What a row needs to measure itself."""

import dataclasses, pathlib, typing

from .engine import Engine
from .rival import Rival


@dataclasses.dataclass
class Session:
    engine: Engine
    # None: our columns only.
    rival: typing.Optional[Rival]
    # Of each row in one pass.
    rounds: int
    seconds: float
    # Of each configuration of PyTorch that is tried; 0: none is tried, the usual one is taken.
    search_seconds: float
    # Whether configurations that unroll a recurrence are tried: compiling one takes minutes.
    compiles_recurrence: bool
    # Short of time: less of everything that is large.
    quick: bool
    # Nothing in it outlives the run.
    folder: pathlib.Path
    log: typing.Callable[[str], None]
