"""Texts to read: words of random letters, with the punctuation and the accents of prose."""

import os, random

BLOCK = 4_000_000  # characters, about


def _lines(count, seed=1):
    """Lines of prose-like text, in all about so many characters: 87 distinct ones, 2 % of the text not ASCII."""
    source = random.Random(seed)
    letters = "eeeeeeeetttttaaaaooooiiiinnnnsssshhhhrrrddlllcuummwwffggyypbbvk" + "jxqz"
    words = ["".join(source.choices(letters, k=source.choice((1, 2, 3, 3, 4, 4, 5, 6, 7, 9)))) for _ in range(4000)]
    words += [word.capitalize() for word in words[:600]] + [word.upper() for word in words[:50]]
    words += [word.replace("e", source.choice("éèêäöüßçñ"), 1) for word in words[:700]]
    words += [str(source.randrange(2000)) for _ in range(60)]
    ends = [" "] * 40 + [", "] * 5 + [". "] * 4
    ends += ["; ", ": ", "? ", "! ", " — ", "’s ", " “", "” ", "…", " (", ") ", "-"]
    lines, length = [], 0
    while length < count:
        chosen = source.choices(words, k=12), source.choices(ends, k=12)
        line = "".join(part for pair in zip(*chosen) for part in pair).rstrip() + "\n"
        lines.append(line)
        length += len(line)
    return lines


def write(path, count):
    """Writes about so many bytes of UTF-8, whole lines, and waits until they are on the disk."""
    lines = [line.encode() for line in _lines(min(count, BLOCK))]
    written, turn = 0, 0
    with open(path, "wb") as file:
        while written < count:
            # The same lines in another order: what was read is not what comes.
            turn += 1
            cut = turn * 7919 % len(lines)
            block = b"".join(lines[cut:] + lines[:cut])
            if written + len(block) > count:
                block = block[: block.rindex(b"\n", 0, max(count - written, block.index(b"\n") + 1)) + 1]
                count = 0
            written += file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return written
