"""Tables as pyarrow writes them: by default with dictionaries first and one page per MiB."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from checkers import table as checker

ROW_GROUP_LIMIT = 1 << 20
# Parquet's names of codecs where pyarrow has its own: its "lz4" writes LZ4_RAW.
PYARROW_CODECS = {"uncompressed": "none", "lz4_raw": "lz4"}


def table(
    path: str,
    kind: str,
    codec: str,
    rows: int,
    seed: int,
    encodings: dict[str, str] | None = None,
    page_index: bool = False,
    answers: list[dict] = (),
) -> dict:
    """Writes a table of `kind` with `rows` rows in at least four row groups.

    `encodings` names the encoding of every column; without, dictionaries are used where they
    pay. `answers` are arguments that choose rows: what they give is kept beside the whole.
    """
    made = KINDS[kind](np.random.default_rng(seed), rows)
    pq.write_table(
        made,
        path,
        compression=PYARROW_CODECS.get(codec, codec),
        use_dictionary=kind != "numbers" and not encodings,
        column_encoding=encodings,
        write_page_index=page_index,
        row_group_size=max(1, min(ROW_GROUP_LIMIT, -(-rows // 4))),
    )
    found = checker.summarise(made)
    found["small"] = {"row_count": rows}
    found["answers"] = {
        checker.answer_key(chosen): checker.summarise(_choose(made, **chosen))
        for chosen in answers
    }
    return found


def _choose(
    made: pa.Table, filters: list | None = None, limit: int | None = None
) -> pa.Table:
    """The oracle of row choices: one comparison after the other over the table in memory."""
    compare = {"==": pc.equal, "<": pc.less, ">=": pc.greater_equal}
    for name, operator, value in filters or ():
        made = made.filter(compare[operator](made[name], value))
    return made.slice(0, limit)


def long_table(path: str, kind: str, codec: str, byte_count: int, seed: int) -> dict:
    """Writes the same row group again until the file holds `byte_count` bytes."""
    made = KINDS[kind](np.random.default_rng(seed), ROW_GROUP_LIMIT)
    rows = 0
    with open(path, "wb") as file, pq.ParquetWriter(
        file, made.schema, compression=PYARROW_CODECS.get(codec, codec)
    ) as writer:
        while file.tell() < byte_count:
            writer.write_table(made, row_group_size=made.num_rows)
            rows += made.num_rows
    return {"small": {"row_count": rows}}


def wide_footer(path: str, columns: int, row_groups: int) -> dict:
    """Writes a file that is mostly footer: one row in each row group, statistics everywhere."""
    values = {f"column_{i:05}": np.arange(row_groups) * i for i in range(columns)}
    made = pa.table(values)
    pq.write_table(made, path, row_group_size=1, use_dictionary=False)
    found = checker.summarise(made)
    found["small"] = {
        "row_count": row_groups,
        "column_names": list(values),
        "column_statistics": {name: [0, int(v.max()), 0] for name, v in values.items()},
    }
    return found


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


def _floats(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "float32": rng.normal(0.0, 1.0, rows).astype(np.float32),
            "float64": rng.normal(0.0, 1.0, rows),
            "walk": np.cumsum(rng.normal(0.0, 1.0, rows)),
        }
    )


def _integers(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "serial": np.arange(rows, dtype=np.int64),
            "time": _times(rng, rows),
            "small": rng.integers(0, 1000, rows).astype(np.int32),
            "any": rng.integers(-(1 << 31), 1 << 31, rows),
        }
    )


def _sorted_text(rng: np.random.Generator, rows: int) -> pa.Table:
    """Paths in order: neighbours share most of their bytes."""
    numbers = pa.array(np.sort(rng.integers(0, 10**12, rows))).cast(pa.string())
    paths = pc.binary_join_element_wise("https://example.org/items", numbers, "view", "/")
    return pa.table({"path": paths, "email": _emails(rng, rows)})


def _lists(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "numbers": _list_of(rng, rows, lambda n: pa.array(rng.integers(0, 1 << 40, n))),
            "words": _list_of(rng, rows, lambda n: _words(rng, n, distinct=1000)),
            "sparse": _list_of(
                rng, rows, lambda n: _with_nulls(rng, pa.array(rng.normal(0.0, 1.0, n)), 0.2)
            ),
        }
    )


def _structs(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table(
        {
            "event": _struct(
                rng,
                {
                    "id": pa.array(rng.integers(0, 1 << 40, rows)),
                    "time": _times(rng, rows),
                    "amount": _with_nulls(rng, pa.array(rng.gamma(2.0, 40.0, rows)), 0.1),
                    "city": _words(rng, rows, distinct=64),
                    "email": _emails(rng, rows),
                },
            ),
            "points": _list_of(
                rng,
                rows,
                lambda n: _struct(
                    rng, {"x": pa.array(rng.random(n)), "y": pa.array(rng.random(n))}
                ),
            ),
        }
    )


def _wide(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table({f"column_{i:02}": rng.normal(0.0, 1.0, rows) for i in range(50)})


KINDS = {
    "mixed": _mixed,
    "numbers": _numbers,
    "low-cardinality": _low_cardinality,
    "high-cardinality": _high_cardinality,
    "nulls": _nulls,
    "floats": _floats,
    "integers": _integers,
    "sorted-text": _sorted_text,
    "lists": _lists,
    "structs": _structs,
    "wide": _wide,
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


def _list_of(rng: np.random.Generator, rows: int, make) -> pa.Array:
    """Lists of 0 to 7 values, one in twenty null; `make(n)` gives n values."""
    lengths = rng.integers(0, 8, rows)
    missing = rng.random(rows) < 0.05
    lengths[missing] = 0
    offsets = np.zeros(rows + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.ListArray.from_arrays(
        pa.array(offsets), make(int(offsets[-1])), mask=pa.array(missing)
    )


def _struct(rng: np.random.Generator, fields: dict[str, pa.Array]) -> pa.Array:
    """A struct of which one value in twenty is null."""
    missing = pa.array(rng.random(len(next(iter(fields.values())))) < 0.05)
    return pa.StructArray.from_arrays(list(fields.values()), list(fields), mask=missing)


def _with_null_runs(rng: np.random.Generator, array: pa.Array) -> pa.Array:
    """Nulls in runs of 1000 rows, half of all rows: definition levels become RLE runs."""
    runs = rng.random(-(-len(array) // 1000)) < 0.5
    return pc.if_else(pa.array(np.repeat(runs, 1000)[: len(array)]), array, None)
