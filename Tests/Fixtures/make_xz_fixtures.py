#!/usr/bin/env python3
"""Writes Tests/Fixtures/xz/*.xz: streams of liblzma, through Python's lzma, and some laid out here.

Each file is small and checks itself, but those named so. `XZTests.swift` has the sizes. Some are
seeds of the fuzzer too.
"""
import lzma
import pathlib
import random
import struct
import zlib

HERE = pathlib.Path(__file__).parent / "xz"
SEEDS = HERE.parent.parent / "Fuzz" / "seeds" / "xz"
numbers = random.Random(13)

WORDS = "the page of a column holds levels and values which its header counts".split()
text = " ".join(numbers.choice(WORDS) for _ in range(3000)).encode()
total, integers = 0, bytearray()
for _ in range(1500):
    total += numbers.randrange(1 << 12)
    integers += struct.pack("<q", total)
doubles = b"".join(struct.pack("<d", round(numbers.gauss(100, 20), 2)) for _ in range(700))
far = numbers.randbytes(3000) + bytes(70000) + numbers.randbytes(10)
far += far[:300] + far[:258]
noise = numbers.randbytes(3000)


def write(name, plain, check=lzma.CHECK_CRC64, **options):
    filters = [{"id": lzma.FILTER_LZMA2, **{"preset": 6, **options}}]
    packed = lzma.compress(plain, lzma.FORMAT_XZ, check, filters=filters)
    (HERE / f"{name}.xz").write_bytes(packed)


def filtered(name, plain, *filters):
    packed = lzma.compress(
        plain, lzma.FORMAT_XZ, filters=[*filters, {"id": lzma.FILTER_LZMA2, "preset": 6}])
    (HERE / f"{name}.xz").write_bytes(packed)


def number(value):
    """Section 1.2."""
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(made) + bytes([value])


def summed(field):
    return field + struct.pack("<I", zlib.crc32(field))


def stream(*blocks, check=1, sizes=False):
    """A stream of the blocks, each packed by itself."""
    flags = bytes([0, check])
    made = b"\xFD7zXZ\0" + summed(flags)
    index = b"\0" + number(len(blocks))
    for plain in blocks:
        packed = lzma.compress(
            plain, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
        fields = number(len(packed)) + number(len(plain)) if sizes else b""
        fields = bytes([0xC0 if sizes else 0]) + fields + b"\x21\x01\x16"
        fields += bytes(-(len(fields) + 5) % 4)
        header = summed(bytes([(len(fields) + 5) // 4 - 1]) + fields)
        tag = b"" if check == 0 else struct.pack("<I", zlib.crc32(plain)) if check == 1 else None
        if tag is None:
            tag = bytes(4 << (check - 1) // 3)
        index += number(len(header) + len(packed) + len(tag)) + number(len(plain))
        made += header + packed + bytes(-len(packed) % 4) + tag
    index = summed(index + bytes(-len(index) % 4))
    made += index
    tail = struct.pack("<I", len(index) // 4 - 1) + flags
    return made + struct.pack("<I", zlib.crc32(tail)) + tail + b"YZ"


HERE.mkdir(exist_ok=True)
for preset in (0, 3, 6, 9):
    write(f"text-{preset}", text, preset=preset)
for lc, lp, pb in [(0, 0, 0), (4, 0, 4), (0, 4, 2), (2, 2, 1), (1, 3, 3), (3, 1, 0)]:
    write(f"text-{lc}{lp}{pb}", text[:4000], lc=lc, lp=lp, pb=pb)
write("integers", bytes(integers), lc=0, lp=3, pb=3)
write("doubles", doubles)
write("random", noise)
write("zeros", bytes(3_000_000))
write("far", far)
write("near", b"".join(noise[:n] * (300 // n) for n in range(1, 40)))
write("large", b"".join(b"%d,%x;" % (n * n, n * 977 % 4096) for n in range(8000)), preset=0)
write("long", (text[:3000] + noise[:200]) * 300)
write("byte", b"a")
write("empty", b"")
for name, check in [("none", 0), ("crc32", 1), ("crc64", 4), ("sha256", 10)]:
    write(f"check-{name}", text[:700], check)
for distance in (1, 8, 256):
    filtered(f"delta-{distance}", bytes(integers), {"id": lzma.FILTER_DELTA, "dist": distance})
filtered("deltas", bytes(integers), *({"id": lzma.FILTER_DELTA, "dist": d} for d in (1, 8, 3)))
filtered("x86", text[:500], {"id": lzma.FILTER_X86})
(HERE / "streams.xz").write_bytes(
    stream(text[:500]) + stream() + bytes(8) + stream(noise[:50]) + bytes(4))
(HERE / "blocks.xz").write_bytes(stream(text[:500], b"", doubles[:800], text[:300]))
(HERE / "sizes.xz").write_bytes(stream(text[:500], doubles[:800], sizes=True))
(HERE / "check-unknown.xz").write_bytes(stream(text[:500], check=7))
(HERE / "unchecked.xz").write_bytes(stream(text[:1500], check=0))
for name in ("streams", "blocks", "sizes", "unchecked"):
    lzma.decompress((HERE / f"{name}.xz").read_bytes())

SEEDS.mkdir(exist_ok=True)
for name in (
    "unchecked", "blocks", "sizes", "delta-8", "check-sha256", "empty", "random", "text-221"):
    (SEEDS / name).write_bytes((HERE / f"{name}.xz").read_bytes())
