#!/usr/bin/env python3
"""Writes Tests/Fixtures/gzip/*.gz: zlib's own streams of every level and strategy.

Each file is small and checks itself: its CRC-32 and its size are those of the plain bytes.
"""
import pathlib
import random
import struct
import zlib

HERE = pathlib.Path(__file__).parent / "gzip"
numbers = random.Random(7)

WORDS = "the page of a column holds levels and values which its header counts".split()
text = " ".join(numbers.choice(WORDS) for _ in range(4000)).encode()
total, integers = 0, bytearray()
for _ in range(1500):
    total += numbers.randrange(1 << 12)
    integers += struct.pack("<q", total)
doubles = b"".join(struct.pack("<d", round(numbers.gauss(100, 20), 2)) for _ in range(500))
far = numbers.randbytes(3000) + bytes(29768) + numbers.randbytes(10)
far += far[:300] + far[:258]


def write(name, *parts, level=6, strategy=zlib.Z_DEFAULT_STRATEGY, flush=zlib.Z_FULL_FLUSH):
    packer = zlib.compressobj(level, zlib.DEFLATED, 31, 9, strategy)
    packed = b"".join(packer.compress(part) + packer.flush(flush) for part in parts[:-1])
    (HERE / f"{name}.gz").write_bytes(packed + packer.compress(parts[-1]) + packer.flush())


HERE.mkdir(exist_ok=True)
for level in (0, 1, 6, 9):
    write(f"text-level{level}", text[: 3000 if level == 0 else None], level=level)
write("text-huffman", text[:4000], strategy=zlib.Z_HUFFMAN_ONLY)
write("integers-rle", bytes(integers[:4000]), strategy=zlib.Z_RLE)
write("text-fixed", text[:4000], strategy=zlib.Z_FIXED)
write("text-filtered", text[:4000], strategy=zlib.Z_FILTERED)
write("integers", bytes(integers))
write("doubles", doubles)
write("zeros", bytes(200_000))
write("far", far)
write("flushed", text[:500], bytes(integers[:800]), b"", b"", doubles[:400], flush=zlib.Z_SYNC_FLUSH)
write("empty", b"")
