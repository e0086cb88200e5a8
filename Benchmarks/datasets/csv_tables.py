"""CSV files as people have them: a header, commas, quotes where they are needed, LF."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from checkers import text_table as checker

BLOCK_ROWS = 1 << 17


def table(path: str, kind: str, byte_count: int, seed: int) -> dict:
    """Writes rows of `kind` until the file holds about `byte_count` bytes.

    What every reader must find is what was written, with strings as text and whole numbers as
    int64: the types that all of them infer.
    """
    rng, make = np.random.default_rng(seed), KINDS[kind]
    blocks = [make(rng, 0, 1000)]
    _write(path, blocks[0])
    with open(path, "rb") as file:
        row_bytes = len(file.read()) / blocks[0].num_rows
    rows = max(1, round(byte_count / row_bytes))
    step = min(BLOCK_ROWS, max(1, BLOCK_ROWS * 8 // blocks[0].num_columns))
    blocks = [make(rng, first, min(step, rows - first)) for first in range(0, rows, step)]
    made = pa.concat_tables(blocks)
    _write(path, made)
    return checker.summarise(made)


def long_table(path: str, kind: str, byte_count: int, seed: int) -> dict:
    """Writes the same rows again until the file holds `byte_count` bytes."""
    made = KINDS[kind](np.random.default_rng(seed), 0, BLOCK_ROWS)
    rows = 0
    with open(path, "wb") as file:
        options = pa_csv.WriteOptions(include_header=True)
        while file.tell() < byte_count:
            pa_csv.write_csv(made, file, options)
            options = pa_csv.WriteOptions(include_header=False)
            rows += made.num_rows
    return {"small": {"row_count": rows}}


def _write(path: str, made: pa.Table) -> None:
    with open(path, "wb") as file:
        pa_csv.write_csv(made, file)


def _mixed(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    missing = rng.random(rows) < 0.05
    return pa.table(
        {
            "id": np.arange(first, first + rows, dtype=np.int64) * 3 + 1_000_000,
            "quantity": rng.integers(0, 500, rows),
            "amount": np.round(rng.gamma(2.0, 40.0, rows), 2),
            "reading": pa.array(rng.normal(0.0, 1.0, rows), mask=missing),
            "city": _words(rng, rows, 64),
            "tag": _words(rng, rows, 1000),
            "note": pc.binary_join_element_wise(
                _words(rng, rows, 5000), _words(rng, rows, 64), _words(rng, rows, 1000), ", "
            ),
            "url": _urls(rng, rows),
        }
    )


def _floats(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    """Digits as measurements have them, and as computations leave them."""
    columns = {f"rounded_{i}": np.round(rng.normal(0.0, 100.0, rows), 1 + i) for i in range(5)}
    return pa.table(columns | {f"full_{i}": rng.normal(0.0, 1.0, rows) for i in range(5)})


def _integers(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    tops = (10, 1000, 100_000, 1 << 31, 1 << 62)
    return pa.table(
        {f"{sign}_{top}": rng.integers(-top if sign == "any" else 0, top, rows)
         for sign in ("positive", "any") for top in tops}
    )  # fmt: skip


def _quoted(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    """Text of which a third holds line ends, a third quotes, all of it commas."""
    joints = pa.array([", ", ',\n"', '", ']).take(pa.array(rng.integers(0, 3, rows)))
    text = pc.binary_join_element_wise(_words(rng, rows, 5000), _urls(rng, rows), joints)
    return pa.table(
        {
            "id": np.arange(first, first + rows, dtype=np.int64),
            "title": pc.binary_join_element_wise(_words(rng, rows, 1000), _words(rng, rows, 64), ", "),
            "text": text,
            "reply": pc.binary_join_element_wise(_words(rng, rows, 1000), _words(rng, rows, 300), joints),
        }
    )


def _wide(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    return pa.table({f"c{i:03}": _column(rng, i, rows) for i in range(500)})


def _fifty(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    return pa.table({f"c{i:02}": _column(rng, i, rows) for i in range(50)})


def _dates(rng: np.random.Generator, first: int, rows: int) -> pa.Table:
    day = rng.integers(0, 20_000, rows).astype("datetime64[D]")
    second = rng.integers(0, 1_700_000_000, rows).astype("datetime64[s]")
    micro = rng.integers(0, 1_700_000_000_000_000, rows).astype("datetime64[us]")
    return pa.table(
        {
            "serial": np.arange(first, first + rows, dtype=np.int64),
            "day": day,
            "second": second,
            "micro": micro,
        }
    )


KINDS = {
    "mixed": _mixed,
    "floats": _floats,
    "integers": _integers,
    "quoted": _quoted,
    "wide": _wide,
    "fifty": _fifty,
    "dates": _dates,
}


def _column(rng: np.random.Generator, index: int, rows: int):
    """Whole numbers, numbers with two decimals, and words, by turns."""
    if index % 3 == 0:
        return rng.integers(0, 100_000, rows)
    if index % 3 == 1:
        return np.round(rng.normal(0.0, 1000.0, rows), 2)
    return _words(rng, rows, 1000)


def _words(rng: np.random.Generator, rows: int, distinct: int) -> pa.Array:
    """Words of three to fourteen letters, the same for the same number of them."""
    source = np.random.default_rng(distinct)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(source.choice(letters, source.integers(3, 15))) for _ in range(distinct)]
    return pa.array(words).take(pa.array(rng.integers(0, distinct, rows)))


def _urls(rng: np.random.Generator, rows: int) -> pa.Array:
    number = pc.cast(pa.array(rng.integers(0, 1 << 40, rows)), pa.string())
    return pc.binary_join_element_wise("https://example.org", _words(rng, rows, 1000), number, "/")
