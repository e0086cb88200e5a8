"""Flat tables as pyarrow writes them by default: dictionaries first, one page per MiB."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from checkers import table as checker

ROW_GROUP_LIMIT = 1 << 20


def flat(path: str, kind: str, codec: str, rows: int, seed: int) -> dict:
    """Writes a table of `kind` with `rows` rows in at least four row groups."""
    made = KINDS[kind](np.random.default_rng(seed), rows)
    pq.write_table(
        made,
        path,
        compression="none" if codec == "uncompressed" else codec,
        use_dictionary=kind != "numbers",
        row_group_size=max(1, min(ROW_GROUP_LIMIT, -(-rows // 4))),
    )
    return checker.summarise(made)


def _mixed(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "id": np.arange(rows, dtype=np.int64) * 3 + 1_000_000,
            "quantity": _with_nulls(rng, pa.array(rng.integers(0, 500, rows)), 0.1),
            "amount": np.round(rng.gamma(2.0, 40.0, rows), 2),
            "reading": _with_nulls(rng, pa.array(rng.normal(0.0, 1.0, rows)), 0.05),
            "time": _times(rng, rows),
            "city": _words(rng, rows, distinct=64),
            "tag": _with_nulls(rng, _words(rng, rows, distinct=1000), 0.3),
            "email": _emails(rng, rows),
        }
    )


def _numbers(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "int32": rng.integers(-(1 << 31), 1 << 31, rows).astype(np.int32),
            "int64": rng.integers(-(1 << 62), 1 << 62, rows),
            "float32": rng.normal(0.0, 1.0, rows).astype(np.float32),
            "float64": rng.normal(0.0, 1.0, rows),
            "time": _times(rng, rows),
            "serial": np.arange(rows, dtype=np.int64),
        }
    )


def _low_cardinality(rng: np.random.Generator, rows: int) -> pa.Table:
    distinct = {"state": 8, "city": 64, "product": 1000, "street": 30_000}
    return pa.table({name: _words(rng, rows, count) for name, count in distinct.items()})


def _high_cardinality(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table({"email": _emails(rng, rows), "text": _letters(rng, rows)})


def _nulls(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "int64_half": _with_nulls(rng, pa.array(rng.integers(0, 1 << 40, rows)), 0.5),
            "int64_rare": _with_nulls(rng, pa.array(rng.integers(0, 1 << 40, rows)), 0.01),
            "float64_most": _with_nulls(rng, pa.array(rng.normal(0.0, 1.0, rows)), 0.9),
            "time_runs": _with_null_runs(rng, _times(rng, rows)),
            "tag_half": _with_nulls(rng, _words(rng, rows, distinct=200), 0.5),
            "email_most": _with_nulls(rng, _emails(rng, rows), 0.8),
        }
    )


KINDS = {
    "mixed": _mixed,
    "numbers": _numbers,
    "low-cardinality": _low_cardinality,
    "high-cardinality": _high_cardinality,
    "nulls": _nulls,
}


def _times(rng: np.random.Generator, rows: int) -> pa.Array:
    """Microseconds that go forward by a second on average, as event logs do."""
    steps = rng.exponential(1_000_000.0, rows).astype(np.int64)
    return pa.array(1_700_000_000_000_000 + np.cumsum(steps)).cast(pa.timestamp("us"))


def _letters(rng: np.random.Generator, rows: int) -> pa.Array:
    """Strings of 8 to 40 random letters: distinct, and close to incompressible."""
    lengths = rng.integers(8, 41, rows)
    offsets = np.zeros(rows + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    letters = rng.integers(ord("a"), ord("z") + 1, int(offsets[-1]), dtype=np.uint8)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(letters))


def _words(rng: np.random.Generator, rows: int, distinct: int) -> pa.Array:
    """`distinct` words of random letters, the frequent ones first (Zipf-like)."""
    ranks = (distinct * rng.random(rows) ** 2).astype(np.int32)
    return _letters(rng, distinct).take(pa.array(ranks))


def _emails(rng: np.random.Generator, rows: int) -> pa.Array:
    """Distinct strings with shared parts, of 18 to 27 bytes."""
    numbers = pa.array(rng.integers(0, 10**10, rows)).cast(pa.string())
    return pc.binary_join_element_wise("user.", numbers, "@example.org", "")


def _with_nulls(rng: np.random.Generator, array: pa.Array, share: float) -> pa.Array:
    return pc.if_else(pa.array(rng.random(len(array)) >= share), array, None)


def _with_null_runs(rng: np.random.Generator, array: pa.Array) -> pa.Array:
    """Nulls in runs of 1000 rows, half of all rows: definition levels become RLE runs."""
    runs = rng.random(-(-len(array) // 1000)) < 0.5
    return pc.if_else(pa.array(np.repeat(runs, 1000)[: len(array)]), array, None)
