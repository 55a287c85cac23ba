"""Pictures cut from the color photographs that come with scikit-image and scikit-learn.

    photographs.py crops FOLDER [TRAIN HELD_OUT]   6,000 and 600 PNGs of 64×64, in FOLDER/train and FOLDER/heldout
    photographs.py mixed FOLDER [COUNT]            10,000 JPEGs of 32 to 512 pixels a side, every tenth of them gray

Needs `pip install pillow`. The two wheels are downloaded (20 MB) unless `--wheels PLACE` has them. The same
arguments and version of Pillow give the same files.

Used are the seven pictures that a camera took of a scene in color. Left out are: the second view of the motorcycle
(the same scene again), hubble_deep_field (put together from exposures through filters), ihc (a stained section under a
microscope), retina (one hue, through an ophthalmoscope), color and logo (drawn), and all that is gray. What is held out
is held out whole: no crop of a train photograph shows a place that a held-out crop shows.
"""

import argparse, io, math, pathlib, random, subprocess, sys, tempfile, zipfile
from PIL import Image

WHEELS = ["scikit-image==0.26.0", "scikit-learn==1.9.1"]
TRAIN = [
    "skimage/data/astronaut.png",  # 512×512: a portrait, with flag and orange suit
    "skimage/data/chelsea.png",  # 451×300: a cat's face
    "skimage/data/motorcycle_left.png",  # 741×500: a motorcycle in a garage full of things
    "skimage/data/rocket.jpg",  # 640×427: a rocket and its towers at dusk
    "sklearn/datasets/images/flower.jpg",  # 640×427: a dahlia before dark leaves
]
HELD_OUT = [
    "skimage/data/coffee.png",  # 600×400: a cup on wood
    "sklearn/datasets/images/china.jpg",  # 640×427: a pagoda, trees, sky
]


def photographs(wheels, names):
    """The named members of the wheels in a folder, as RGB pictures."""
    found = {}
    for wheel in sorted(pathlib.Path(wheels).glob("scikit_*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in set(names) & set(archive.namelist()):
                found[name] = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
    missing = [name for name in names if name not in found]
    if missing:
        sys.exit(f"no {', '.join(missing)} in the wheels of scikit-image and scikit-learn in {wheels}")
    return [found[name] for name in names]


def log_uniform(source, low, high):
    return math.exp(source.uniform(math.log(low), math.log(high)))


def square_crop(photograph, side, largest, source):
    """A square of any scale from `side` pixels to the largest that fits, shrunk with an area filter."""
    extent = log_uniform(source, side, min(largest, *photograph.size))
    x, y = (source.uniform(0, whole - extent) for whole in photograph.size)
    return photograph.resize((side, side), Image.Resampling.BOX, (x, y, x + extent, y + extent))


def free_crop(photograph, low, high, source):
    """A rectangle of any form; its pixels are the photograph's, unless it is larger than that."""
    width, height = (round(log_uniform(source, low, high)) for _ in range(2))
    share = min(1, photograph.width / width, photograph.height / height)
    x, y = (source.uniform(0, whole - share * side) for whole, side in zip(photograph.size, (width, height)))
    if share == 1:
        return photograph.crop((int(x), int(y), int(x) + width, int(y) + height))
    return photograph.resize((width, height), Image.Resampling.BICUBIC, (x, y, x + share * width, y + share * height))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["crops", "mixed"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("counts", type=int, nargs="*")
    parser.add_argument("--side", type=int, default=64, help="of the square crops, in pixels")
    parser.add_argument("--largest", type=int, default=512, help="square that is cut out and shrunk to that, in pixels")
    parser.add_argument("--wheels", type=pathlib.Path, help="a folder with the two wheels")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if not options.wheels:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*command, "--dest", temporary, *WHEELS], check=True)
        opened = photographs(options.wheels or temporary, TRAIN + HELD_OUT)

    def draw(folder, count, sources, cut):
        """The photographs take turns; each picture has random numbers of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            cut(sources[number % len(sources)], number, random.Random(f"{options.seed} {folder.name} {number}"), folder)

    def crop(photograph, number, source, folder):
        square_crop(photograph, options.side, options.largest, source).save(folder / f"{number:05}.png")

    def rectangle(photograph, number, source, folder):
        picture = free_crop(photograph, 32, 512, source)
        picture = picture.convert("L") if number % 10 == 9 else picture
        picture.save(folder / f"{number:05}.jpg", quality=source.randint(70, 95))

    if options.kind == "crops":
        train, held_out = (options.counts + [6000, 600][len(options.counts) :])[:2]
        draw(options.folder / "train", train, opened[: len(TRAIN)], crop)
        draw(options.folder / "heldout", held_out, opened[len(TRAIN) :], crop)
    else:
        draw(options.folder, (options.counts or [10000])[0], opened, rectangle)


main()
