"""Writes Tests/Fixtures/files/numpy.json: small files in NumPy's format, as NumPy itself writes them, and their values.

`python3 Tests/Fixtures/generate/numpy_arrays.py` (needs `pip install numpy`).
"""

import base64
import io
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "files", "numpy.json")


def case(name, array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    # Rounded once, as a reader of single precision must.
    values = [float(v) for v in np.ascontiguousarray(array).astype(np.float32).ravel()]
    return dict(
        name=name, file=base64.b64encode(out.getvalue()).decode(), shape=list(array.shape), type=array.dtype.name,
        values=values)


def cases():
    made = []
    for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"):
        kind = np.dtype(name).kind
        if kind == "f":
            # Zeros of either sign, the smallest half, a subnormal half, its largest, and what comes between.
            values = [0.0, -0.0, 2.0**-24, -3 * 2.0**-20, 65504, 1 / 3, -1.5, 1024.5, 7, -0.125, 3.140625, 2.0**-14]
        elif kind == "b":
            values = [True, False, True, True, False, False, True, False, True, False, False, True]
        else:
            low, high = np.iinfo(name).min, np.iinfo(name).max
            values = [low, high, 0, 1, high // 3, low // 3, high - 1, 5, 17, 100, 42, 99]
        for order in "<>":
            if order == ">" and np.dtype(name).itemsize == 1:
                continue
            array = np.array(values, dtype=order + name).reshape(3, 4)
            made.append(case(f"{order}{name}", array))
    numbers = np.arange(2 * 3 * 4, dtype="<f4").reshape(2, 3, 4) / 8
    made += [
        case("three axes", numbers),
        case("three axes in Fortran order", np.asfortranarray(numbers)),
        case("big-endian in Fortran order", np.asfortranarray(numbers.astype(">i2"))),
        case("one axis", np.array([1, 2, 3], dtype="<f4")),
        case("one value", np.array(2.5, dtype="<f8")),
        case("no rows", np.zeros((0, 5), dtype="<f4")),
        case("rows of nothing", np.zeros((5, 0), dtype="<f4")),
        case("version 2.0", numbers, version=(2, 0)),
        case("version 3.0", numbers, version=(3, 0)),
    ]
    return made


def refused():
    """What is not read: a message says what it is."""
    made = []
    for name, array in [
        ("records", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])),
        ("text", np.array(["ab", "c"])),
        ("Python objects", np.array([None, 1], dtype=object)),
        ("dates", np.array(["2020-01-01"], dtype="datetime64[D]")),
        ("complex", np.array([1j], dtype="<c8")),
    ]:
        out = io.BytesIO()
        np.save(out, array, allow_pickle=True)
        made.append(dict(name=name, file=base64.b64encode(out.getvalue()).decode()))
    return made


def main():
    arrays = cases()
    fixture = dict(about=f"NumPy files; numpy {np.__version__}", arrays=arrays, refused=refused())
    with open(OUT, "w") as file:
        json.dump(fixture, file, separators=(",", ":"))
        file.write("\n")
    print(OUT, os.path.getsize(OUT), "bytes,", len(arrays), "arrays")


if __name__ == "__main__":
    main()
