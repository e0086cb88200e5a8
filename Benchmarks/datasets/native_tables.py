"""Writes the files that the native cases read: `python Benchmarks/datasets/native_tables.py`.

Small, and committed: what a read of them allocates is held by the limits in
`Native/ParquetBenchmarks.swift`. Two row groups and several pages in each column chunk, so that
what is allocated for each of them, or for a row, shows in the counts.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from datasets.parquet_tables import KINDS  # noqa: E402  (the path above makes it importable)

ROWS = 512
FILES = ("numbers", "mixed", "lists", "structs")


def main() -> None:
    for name in FILES:
        pq.write_table(
            KINDS[name](np.random.default_rng(7), ROWS),
            HERE / "native" / f"{name}.parquet",
            compression="snappy",
            use_dictionary=name != "numbers",
            row_group_size=ROWS // 2,
            data_page_size=512,
            write_batch_size=64,
            write_page_index=True,
        )


if __name__ == "__main__":
    main()
