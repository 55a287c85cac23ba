"""Writes Tests/Fixtures/images.json: small PNG and JPEG files and the pixels that must come of them.

`python3 Tests/Fixtures/generate/images.py` (needs `pip install pillow pypng`). PNG files are written by pypng, which
knows every color type, depth and interlacing; their pixels are computed here from the values before they were encoded,
with exact fractions, and compared with Pillow's wherever Pillow keeps the depth. JPEG files are written and read by
Pillow (libjpeg-turbo), those of kinds that it does not write by changing markers of a file that it wrote.
"""

import base64
import io
import json
import os
import random
from fractions import Fraction

import PIL
import png
from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "images.json")
WIDTH, HEIGHT = 11, 7  # no multiple of 8, and every pass of an interlaced picture has pixels


def encoded(data):
    return base64.b64encode(bytes(data)).decode()


def entry(name, data, size, channels, pixels, **more):
    pixels = bytes(pixels)
    assert len(pixels) == size[0] * size[1] * channels, name
    assert len(data) < 2048, (name, len(data))
    return dict(
        name=name, file=encoded(data), width=size[0], height=size[1], channels=channels, pixels=encoded(pixels), **more)


# PNG


def rounded(value):
    """A fraction of white, 0 to 1, in 8 bits."""
    return int(value * 255 + Fraction(1, 2))


def over_white(color, alpha):
    return [rounded(c * alpha + (1 - alpha)) for c in color]


def png_file(rows, depth, interlace, **how):
    out = io.BytesIO()
    png.Writer(WIDTH, HEIGHT, bitdepth=depth, interlace=interlace, compression=9, **how).write(out, rows)
    return out.getvalue()


def png_case(kind, depth, interlace, key, generator):
    """One file. `key`: one color, or some palette entries, are transparent (chunk tRNS)."""
    top = 2**depth - 1
    channels = {"grey": 1, "grey_alpha": 2, "rgb": 3, "rgba": 4, "palette": 1}[kind]
    # The rows run smoothly, with noise in the lowest bits.
    values = [
        [
            [
                (x * top // (WIDTH - 1) * (c + 1) + y * top // (HEIGHT - 1) + generator.randrange(1 + top // 16)) % (top + 1)
                for c in range(channels)
            ]
            for x in range(WIDTH)
        ]
        for y in range(HEIGHT)
    ]
    how = {}
    if kind == "palette":
        palette = [tuple(generator.randrange(256) for _ in range(3)) for _ in range(top + 1)]
        alphas = [generator.randrange(256) if key and i % 3 == 0 else 255 for i in range(top + 1)]
        how["palette"] = [p + (a,) for p, a in zip(palette, alphas)] if key else palette
    else:
        how["greyscale"] = kind.startswith("grey")
        how["alpha"] = kind in ("grey_alpha", "rgba")
        if key:
            # A color that is there, and one that differs from it in the lowest bit only: stays visible.
            color = list(values[2][3])
            values[4][5] = color[:-1] + [color[-1] ^ 1]
            how["transparent"] = color[0] if channels == 1 else tuple(color)

    def pixel(value):
        if kind == "palette":
            return over_white([Fraction(c, 255) for c in palette[value[0]]], Fraction(alphas[value[0]], 255))
        alpha = Fraction(1)
        if how["alpha"]:
            value, alpha = value[:-1], Fraction(value[-1], top)
        elif key and value == color:
            alpha = Fraction(0)
        return over_white([Fraction(v, top) for v in value], alpha)

    data = png_file([[v for p in row for v in p] for row in values], depth, interlace, **how)
    pixels = [v for row in values for p in row for v in pixel(p)]
    result_channels = 1 if kind.startswith("grey") else 3
    # Pillow loses the transparent color of grey of 1 to 4 bits, and the lower half of 16.
    if depth == 8 or depth < 8 and not (key and kind == "grey"):
        shown = Image.open(io.BytesIO(data)).convert("RGBA")
        white = Image.new("RGBA", shown.size, "white")
        theirs = Image.alpha_composite(white, shown).convert("L" if result_channels == 1 else "RGB").tobytes()
        assert max(abs(a - b) for a, b in zip(theirs, pixels)) <= 1, (kind, depth, key)
    name = f"{kind} {depth}" + (" key" if key else "") + (" interlaced" if interlace else "")
    return entry(name, data, (WIDTH, HEIGHT), result_channels, pixels)


def png_cases():
    generator = random.Random(1)
    kinds = [("grey", d) for d in (1, 2, 4, 8, 16)] + [("palette", d) for d in (1, 2, 4, 8)]
    kinds += [(k, d) for k in ("grey_alpha", "rgb", "rgba") for d in (8, 16)]
    cases = []
    for interlace in (False, True):
        for kind, depth in kinds:
            cases.append(png_case(kind, depth, interlace, False, generator))
            if kind in ("grey", "palette", "rgb"):
                cases.append(png_case(kind, depth, interlace, True, generator))
    # A label that turns the picture.
    turned = Image.frombytes("L", (4, 3), bytes(range(0, 240, 20)))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    turned.save(out, "PNG", exif=exif)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))
    cases.append(entry("orientation 6", out.getvalue(), shown.size, 1, shown.tobytes()))
    return cases


# JPEG


def smooth(mode, size):
    """Colors that change slowly, so that little is lost, and differ in every direction."""
    width, height = size
    bands = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    slopes = [(180, 60), (-150, 90), (70, -160), (60, 40)]
    starts = [10, 160, 190, 5]
    values = []
    for y in range(height):
        for x in range(width):
            for band in range(bands):
                across, down = slopes[band]
                values.append(int(starts[band] + across * x / (width - 1) + down * y / (height - 1)))
    return Image.frombytes(mode, size, bytes(max(0, min(255, v)) for v in values))


def saved(image, **how):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 85, **how})
    return out.getvalue()


def segments(data):
    """(start, marker, end) of each segment up to the pixels."""
    at = 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield at, data[at + 1], end
        at = end


def without_adobe(data):
    for start, marker, end in segments(data):
        if marker == 0xEE:
            return data[:start] + data[end:]
    raise ValueError("no Adobe marker")


def with_transform(data, transform):
    for start, marker, end in segments(data):
        if marker == 0xEE:
            return data[: end - 1] + bytes([transform]) + data[end:]
    raise ValueError("no Adobe marker")


def light(cmyk):
    """CMYK (255: all ink) to RGB, as in the multiplication of filters."""
    pixels = cmyk.tobytes()
    return [
        rounded(Fraction(255 - pixels[i + c], 255) * Fraction(255 - pixels[i + 3], 255))
        for i in range(0, len(pixels), 4)
        for c in range(3)
    ]


def jpeg_entry(name, data, **more):
    image = Image.open(io.BytesIO(data))
    if image.mode == "CMYK":
        # Pillow takes Adobe's convention for granted; libjpeg's manual ties it to Adobe's marker.
        if "adobe" not in image.info:
            image = Image.frombytes("CMYK", image.size, bytes(255 - v for v in image.tobytes()))
        return entry(name, data, image.size, 3, light(image), **more)
    shown = ImageOps.exif_transpose(image)
    return entry(name, data, shown.size, len(shown.getbands()), shown.tobytes(), **more)


def jpeg_cases():
    size = (19, 13)
    grey, color, ink = (smooth(mode, size) for mode in ("L", "RGB", "CMYK"))
    adobe = saved(ink)
    # Pillow stores the light that is left; without Adobe's marker the ink itself is stored.
    flipped = Image.frombytes("CMYK", size, bytes(255 - v for v in ink.tobytes()))
    # In YCCK the first three channels are YCbCr of the ink as if it were light; black stays, stored as CMYK is.
    cyan, magenta, yellow, black = ink.split()
    converted = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    twisted = Image.merge("CMYK", [Image.eval(band, lambda v: 255 - v) for band in converted] + [black])
    ycck = with_transform(saved(twisted), 2)
    near = Image.open(io.BytesIO(ycck)).tobytes()
    assert max(abs(a - b) for a, b in zip(near, ink.tobytes())) < 24, "YCCK"
    cases = [
        jpeg_entry("grey", saved(grey)),
        jpeg_entry("grey progressive", saved(grey, progressive=True)),
        jpeg_entry("color 4:4:4", saved(color, subsampling=0)),
        jpeg_entry("color 4:2:2", saved(color, subsampling=1)),
        jpeg_entry("color 4:2:0", saved(color, subsampling=2)),
        jpeg_entry("color progressive", saved(color, progressive=True)),
        jpeg_entry("color with restart marks", saved(color, restart_marker_blocks=1)),
        jpeg_entry("stored as RGB", saved(color, keep_rgb=True)),
        jpeg_entry("CMYK of Adobe", adobe),
        jpeg_entry("CMYK progressive", saved(ink, progressive=True)),
        jpeg_entry("CMYK without mark", without_adobe(saved(flipped))),
        jpeg_entry("YCCK", ycck),
    ]
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif.endian = "<" if orientation % 2 else ">"
        exif[0x0112] = orientation
        exif[0x010E] = "a label"
        cases.append(jpeg_entry(f"orientation {orientation}", saved(smooth("L", (13, 9)), exif=exif)))
    return cases


def scaled_cases():
    """A picture at 1/2, 1/4 and 1/8 of its size, as libjpeg decodes it."""
    data = saved(smooth("RGB", (61, 45)), subsampling=0, quality=60)
    cases = []
    for part in (2, 4, 8):
        image = Image.open(io.BytesIO(data))
        size = tuple(-(-side // part) for side in image.size)
        image.draft("RGB", tuple(side // part for side in image.size))
        image.load()
        assert image.size == size
        cases.append(entry(f"1/{part}", data, size, 3, image.tobytes(), part=part))
    return cases


def main():
    fixture = dict(
        about=f"PNG and JPEG files and their pixels; pypng {png.__version__}, Pillow {PIL.__version__}",
        png=png_cases(),
        jpeg=jpeg_cases(),
        scaled=scaled_cases(),
    )
    with open(OUT, "w") as file:
        json.dump(fixture, file, indent=1)
        file.write("\n")
    print(OUT, os.path.getsize(OUT), "bytes,", sum(len(v) for v in fixture.values() if isinstance(v, list)), "files")


if __name__ == "__main__":
    main()
