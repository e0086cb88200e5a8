#!/usr/bin/env python3
"""Writes Tests/Fixtures/bzip2/*.bz2: streams of the reference, through Python's bz2.

Each file is small and checks itself: its CRCs are those of the plain bytes. `Bzip2Tests.swift` has
the sizes. Some are seeds of the fuzzer too.
"""
import bz2
import pathlib
import random
import struct

HERE = pathlib.Path(__file__).parent / "bzip2"
SEEDS = HERE.parent.parent / "Fuzz" / "seeds" / "bzip2"
numbers = random.Random(11)

WORDS = "the page of a column holds levels and values which its header counts".split()
text = " ".join(numbers.choice(WORDS) for _ in range(3000)).encode()
doubles = b"".join(struct.pack("<d", round(numbers.gauss(100, 20), 2)) for _ in range(700))
# Every length of a run around what one count holds, which is 4 + 255.
runs = b"".join(
    bytes([1 + n % 7]) * n for n in [*range(1, 12), *range(250, 270), 511, 518, 519, 520, 1000])
periodic = b"abcdefghijklmnopqrstuvwxyz0123456789" * 8400
# What a block of level 1 takes: 19 bytes less than 100 000.
border = 100_000 - 19


def write(name, plain, level=9):
    (HERE / f"{name}.bz2").write_bytes(b"".join(bz2.compress(part, level) for part in plain))


HERE.mkdir(exist_ok=True)
for level in range(1, 10):
    write(f"text-{level}", [text[: 2000 if level < 9 else None]], level)
write("doubles", [doubles])
write("runs", [runs])
write("random", [numbers.randbytes(3000)])
write("bytes", [bytes(range(256)) * 3])
write("zeros", [bytes(1_000_000)], 1)
write("byte", [b"a"])
write("empty", [b""])
write("streams", [text[:500], b"", doubles[:400], b"x", runs[:300]], 1)
write("blocks", [periodic], 1)
for more in (-1, 0, 1):
    write(f"border{more:+}", [periodic[: border + more]], 1)
    # A run that ends about where the block does.
    write(f"border-run{more:+}", [periodic[: border - 100] + b"z" * (100 + more)], 1)

SEEDS.mkdir(exist_ok=True)
for name in ("text-1", "runs", "bytes", "empty", "streams", "doubles"):
    (SEEDS / name).write_bytes((HERE / f"{name}.bz2").read_bytes())
