#!/usr/bin/env python3
"""Writes Tests/Fixtures/zstd/*.zst with the `zstd` command: its levels, modes and frame options.

All but `unchecked` check themselves: their frames end with the XXH64 of the plain bytes. The frames
`corpus-*` are of zstd's own `decodecorpus`, which makes every legal choice by chance and needs the
sources of zstd to build; they are made where its path is the argument.
"""
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent / "zstd"
numbers = random.Random(7)

WORDS = "the page of a column holds levels and values which its header counts".split()
text = " ".join(numbers.choice(WORDS) for _ in range(4000)).encode()
total, integers = 0, bytearray()
for _ in range(1500):
    total += numbers.randrange(1 << 12)
    integers += struct.pack("<q", total)
integers = bytes(integers)
doubles = b"".join(struct.pack("<d", round(numbers.gauss(100, 20), 2)) for _ in range(500))
letters = bytes(min(255, int(numbers.expovariate(0.2))) for _ in range(5000))
far = numbers.randbytes(3000) + bytes(200_000)
far += far[:300] + far[:258]


def pack(plain, *options, stream=False):
    """One frame; from a pipe, it does not know its size."""
    command = ["zstd", "-q", "-c", "--check", *options]
    if not stream:
        command.append(f"--stream-size={len(plain)}")
    return subprocess.run(command, input=plain, stdout=subprocess.PIPE, check=True).stdout


def write(name, *frames):
    (HERE / f"{name}.zst").write_bytes(b"".join(frames))


def skippable(content, kind=0):
    return struct.pack("<II", 0x184D2A50 + kind, len(content)) + content


HERE.mkdir(exist_ok=True)
for level in ("--fast=5", "-1", "-3", "-9", "-19"):
    write(f"text{level.replace('=', '')}", pack(text, level))
write("text-ultra", pack(text, "--ultra", "-22"))
write("text-stream", pack(text, stream=True))
write("integers-1", pack(integers, "-1"))
write("integers-19", pack(integers, "-19"))
write("doubles", pack(doubles))
write("letters", pack(letters))
write("random", pack(numbers.randbytes(300)))
write("zeros", pack(bytes(400_000)))
write("far", pack(far, "--long=20"))
write("empty", pack(b""))
write("byte", pack(b"x"))
write(
    "members", skippable(b""), pack(text[:900]), skippable(b"not a frame", 15), pack(b""),
    pack(integers[:800], stream=True), skippable(bytes(70), 3),
)
write("unchecked", pack(text[:2000], "--no-check"))

if len(sys.argv) > 1:
    index = seed = 0
    while index < 24:
        seed += 1
        with tempfile.NamedTemporaryFile() as file:
            subprocess.run([sys.argv[1], f"-s{seed}", f"-p{file.name}"], check=True, stderr=subprocess.DEVNULL)
            frame = file.read()
        if frame[4] & 4 and 60 < len(frame) < 2500:
            write(f"corpus-{index:02}", frame)
            index += 1
