"""Avro object container files, written by fastavro."""

from __future__ import annotations

import io

import fastavro
import numpy as np
import pyarrow as pa
from checkers import avro_table as checker

BLOCK_ROWS = 1 << 15


def table(path: str, kind: str, codec: str, byte_count: int, seed: int) -> dict:
    """Writes records of `kind` until they have about `byte_count` bytes before compression."""
    rng, (schema, make, arrow) = np.random.default_rng(seed), KINDS[kind]
    parsed = fastavro.parse_schema(schema)
    rows = max(1, round(byte_count / _record_bytes(parsed, make)))
    parts, union_bytes = [], 0
    with open(path, "wb") as file:
        writer = fastavro.write.Writer(file, parsed, codec=codec)
        for first in range(0, rows, BLOCK_ROWS):
            records = list(make(rng, first, min(BLOCK_ROWS, rows - first)))
            for record in records:
                writer.write(record)
            union_bytes += sum(_union_bytes(record) for record in records)
            parts.append(pa.Table.from_pylist(records, schema=arrow))
        writer.flush()
    found = checker.summarise(pa.concat_tables(parts))
    return found | {"union_bytes": union_bytes, "small": {"row_count": rows}}


def _record_bytes(schema, make) -> float:
    count, out = 2000, io.BytesIO()
    for record in make(np.random.default_rng(0), 0, count):
        fastavro.schemaless_writer(out, schema, record)
    return out.tell() / count


def _union_bytes(record: dict) -> int:
    """Five bytes for each value of a dense union, and those of the value itself."""
    found = [record[name] for name in ("value", "other") if name in record]
    return sum(
        5 + (4 + len(one) if isinstance(one, str) else 8 if one is not None else 0) for one in found
    )


def _words(rng: np.random.Generator, rows: int, distinct: int) -> list[str]:
    source = np.random.default_rng(distinct)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(source.choice(letters, source.integers(3, 15))) for _ in range(distinct)]
    return [words[i] for i in rng.integers(0, distinct, rows)]


def _record(name: str, *fields) -> dict:
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": name, "type": kind} for name, kind in fields],
    }


COLOURS = ["red", "green", "blue", "black", "white"]
FLAT = _record(
    "Flat",
    ("id", "long"),
    ("quantity", "int"),
    ("price", "double"),
    ("ratio", "float"),
    ("active", "boolean"),
    ("city", "string"),
    ("note", ["null", "string"]),
    ("reading", ["null", "double"]),
    ("created", {"type": "long", "logicalType": "timestamp-micros"}),
    ("day", {"type": "int", "logicalType": "date"}),
    ("colour", {"type": "enum", "name": "Colour", "symbols": COLOURS}),
)


FLAT_ARROW = pa.schema(
    [
        ("id", pa.int64()),
        ("quantity", pa.int32()),
        ("price", pa.float64()),
        ("ratio", pa.float32()),
        ("active", pa.bool_()),
        ("city", pa.string()),
        ("note", pa.string()),
        ("reading", pa.float64()),
        ("created", pa.timestamp("us")),
        ("day", pa.date32()),
        ("colour", pa.string()),
    ]
)


def _flat(rng: np.random.Generator, first: int, rows: int):
    columns = [
        range(first, first + rows),
        rng.integers(0, 10_000, rows).tolist(),
        np.round(rng.gamma(2.0, 40.0, rows), 2).tolist(),
        rng.random(rows, np.float32).tolist(),
        (rng.random(rows) < 0.5).tolist(),
        _words(rng, rows, 64),
        [text if keep else None for text, keep in zip(_words(rng, rows, 5000), rng.random(rows) < 0.9)],
        [one if keep else None for one, keep in zip(rng.normal(size=rows).tolist(), rng.random(rows) < 0.95)],
        rng.integers(1_400_000_000_000_000, 1_700_000_000_000_000, rows).tolist(),
        rng.integers(0, 20_000, rows).tolist(),
        [COLOURS[i] for i in rng.integers(0, 5, rows)],
    ]
    names = [field["name"] for field in FLAT["fields"]]
    return (dict(zip(names, values)) for values in zip(*columns))


NESTED = _record(
    "Nested",
    ("id", "long"),
    ("customer", _record(
        "Customer", ("name", "string"), ("age", ["null", "int"]),
        ("address", _record("Address", ("street", "string"), ("zip", "int"))))),
    ("items", {"type": "array", "items": _record(
        "Item", ("sku", "string"), ("count", "int"), ("price", "double"))}),
    ("scores", {"type": "array", "items": "double"}),
)  # fmt: skip


ITEM = pa.struct([("sku", pa.string()), ("count", pa.int32()), ("price", pa.float64())])
ADDRESS = pa.struct([("street", pa.string()), ("zip", pa.int32())])
NESTED_ARROW = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.struct([("name", pa.string()), ("age", pa.int32()), ("address", ADDRESS)])),
        ("items", pa.list_(ITEM)),
        ("scores", pa.list_(pa.float64())),
    ]
)


def _nested(rng: np.random.Generator, first: int, rows: int):
    names, streets, skus = _words(rng, rows, 5000), _words(rng, rows, 1000), _words(rng, rows * 4, 2000)
    ages, zips = rng.integers(18, 90, rows).tolist(), rng.integers(1000, 99_999, rows).tolist()
    item_counts, score_counts = rng.integers(0, 5, rows).tolist(), rng.integers(0, 6, rows).tolist()
    counts, prices = rng.integers(1, 20, rows * 4).tolist(), rng.gamma(2.0, 20.0, rows * 4).tolist()
    scores = rng.random(rows * 6).tolist()
    for i in range(rows):
        yield {
            "id": first + i,
            "customer": {
                "name": names[i],
                "age": ages[i] if ages[i] % 10 else None,
                "address": {"street": streets[i], "zip": zips[i]},
            },
            "items": [
                {"sku": skus[4 * i + k], "count": counts[4 * i + k], "price": prices[4 * i + k]}
                for k in range(item_counts[i])
            ],
            "scores": scores[6 * i : 6 * i + score_counts[i]],
        }


MAPS = _record(
    "Maps",
    ("id", "long"),
    ("labels", {"type": "map", "values": "string"}),
    ("counters", {"type": "map", "values": "long"}),
)


MAPS_ARROW = pa.schema(
    [
        ("id", pa.int64()),
        ("labels", pa.map_(pa.string(), pa.string())),
        ("counters", pa.map_(pa.string(), pa.int64())),
    ]
)


def _maps(rng: np.random.Generator, first: int, rows: int):
    keys, values = _words(rng, rows * 8, 40), _words(rng, rows * 4, 2000)
    numbers = rng.integers(0, 1 << 30, rows * 4).tolist()
    sizes = rng.integers(0, 5, (rows, 2)).tolist()
    for i, (labels, counters) in enumerate(sizes):
        yield {
            "id": first + i,
            "labels": {keys[8 * i + k]: values[4 * i + k] for k in range(labels)},
            "counters": {keys[8 * i + 4 + k]: numbers[4 * i + k] for k in range(counters)},
        }


UNIONS = _record(
    "Unions",
    ("id", "long"),
    ("value", ["null", "long", "double", "string"]),
    ("other", ["int", "string"]),
)


# The unions themselves are not compared.
UNIONS_ARROW = pa.schema([("id", pa.int64())])


def _unions(rng: np.random.Generator, first: int, rows: int):
    texts, kinds = _words(rng, rows, 3000), rng.integers(0, 4, rows).tolist()
    others, numbers = rng.integers(0, 2, rows).tolist(), rng.integers(0, 1 << 20, rows).tolist()
    for i in range(rows):
        value = (None, numbers[i], numbers[i] / 7, texts[i])[kinds[i]]
        yield {"id": first + i, "value": value, "other": texts[i] if others[i] else numbers[i]}


KINDS = {
    "flat": (FLAT, _flat, FLAT_ARROW),
    "nested": (NESTED, _nested, NESTED_ARROW),
    "maps": (MAPS, _maps, MAPS_ARROW),
    "unions": (UNIONS, _unions, UNIONS_ARROW),
}
