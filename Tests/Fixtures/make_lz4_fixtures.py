"""Writes Tests/Fixtures/lz4/*.lz4 with the lz4 tool: the frames that the Swift tests read.

Run with lz4 1.9 or later on the path: python Tests/Fixtures/make_lz4_fixtures.py
"""

import pathlib
import subprocess

FOLDER = pathlib.Path(__file__).parent / "lz4"

# 140 KB, so that frames with blocks of 64 KiB have three of them.
CONTENT = "".join(f"{number * number % 997}," for number in range(40_000)).encode()

OPTIONS = {
    "independent": ["-B4", "-BI"],
    "linked": ["-B4", "-BD", "-BX", "--content-size"],
    "bare": ["-B7", "--no-frame-crc"],
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, options in OPTIONS.items():
        packed = subprocess.run(
            ["lz4", "-9", *options], input=CONTENT, stdout=subprocess.PIPE, check=True
        ).stdout
        (FOLDER / f"{name}.lz4").write_bytes(packed)
