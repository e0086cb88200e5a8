"""Writes the Parquet files that the tests read, and seeds for the fuzzers from them.

Run with pyarrow installed: `python Tests/Fixtures/make_fixtures.py`. The files are committed, so
that the tests need neither pyarrow nor this script; what they expect stands in the tests.
"""

import datetime
import decimal
import pathlib
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

FIXTURES = pathlib.Path(__file__).parent
TARGET = FIXTURES / "metadata"
SEEDS = pathlib.Path(__file__).parent.parent / "Fuzz" / "seeds"


def types() -> None:
    """Two row groups of every flat type, sorted, with page indexes."""
    utc = datetime.timezone.utc
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "7"}),
            pa.field("flag", pa.bool_()),
            pa.field("small", pa.int8()),
            pa.field("unsigned", pa.uint32()),
            pa.field("ratio", pa.float64()),
            pa.field("half", pa.float16()),
            pa.field("name", pa.string()),
            pa.field("blob", pa.binary()),
            pa.field("code", pa.binary(3)),
            pa.field("price", pa.decimal128(9, 2)),
            pa.field("day", pa.date32()),
            pa.field("clock", pa.time64("us")),
            pa.field("seen", pa.timestamp("ms", tz="UTC")),
            pa.field("local", pa.timestamp("ns")),
            pa.field("key", pa.uuid()),
        ],
        metadata={"origin": "fixture", "empty": ""},
    )
    rows = [
        {
            "id": n,
            "flag": n % 2 == 0,
            "small": n - 3,
            "unsigned": 4_000_000_000 + n,
            "ratio": [0.0, -0.0, 1.5, float("nan"), -2.25, 8.0][n],
            "half": None if n == 1 else n / 2,
            "name": None if n == 2 else ["alpha", "beta", "", "żółw", "delta", "x" * 80][n],
            "blob": bytes([n, 255]),
            "code": bytes([n, n, n]),
            "price": decimal.Decimal(f"{n - 2}.25"),
            "day": datetime.date(2024, 2, 27 + n % 3),
            "clock": datetime.time(12, 30, n),
            "seen": datetime.datetime(2024, 2, 29, 12, n, tzinfo=utc),
            "local": datetime.datetime(1969, 12, 31, 23, 59, n),
            "key": uuid.UUID(int=n).bytes,
        }
        for n in range(6)
    ]
    table = pa.Table.from_pylist(rows, schema=schema)
    pq.write_table(
        table,
        TARGET / "types.parquet",
        row_group_size=4,
        compression="snappy",
        sorting_columns=[pq.SortingColumn(0)],
        write_page_index=True,
        use_dictionary=["name"],
        column_encoding={"id": "DELTA_BINARY_PACKED"},
    )


def nested() -> None:
    """Lists of structs and a map, one row group, version 2 pages, uncompressed."""
    schema = pa.schema(
        [
            ("items", pa.list_(pa.struct([("a", pa.int32()), ("b", pa.string())]))),
            ("labels", pa.map_(pa.string(), pa.int64())),
            ("plain", pa.int32()),
        ]
    )
    rows = [
        {"items": [{"a": 1, "b": "x"}, {"a": None, "b": "y"}], "labels": [("k", 1)], "plain": 1},
        {"items": [], "labels": None, "plain": None},
        {"items": None, "labels": [], "plain": 3},
    ]
    table = pa.Table.from_pylist(rows, schema=schema)
    pq.write_table(
        table, TARGET / "nested.parquet", compression="none", data_page_version="2.0"
    )


def small() -> None:
    """One column of three rows: short enough to flip every bit of its footer."""
    table = pa.table({"n": pa.array([1, 2, None], pa.int32())})
    pq.write_table(
        table.replace_schema_metadata(None),
        TARGET / "small.parquet",
        compression="zstd",
        store_schema=False,
    )


def flat(version: str) -> None:
    """Two row groups of flat columns with nulls: dictionaries, plain values, several pages."""
    count = 26
    columns = {
        "flag": pa.array([n % 3 == 0 if n % 5 else None for n in range(count)], pa.bool_()),
        "small": pa.array([n - 9 if n % 4 else None for n in range(count)], pa.int8()),
        "wide": pa.array([n * 10**12 for n in range(count)], pa.int64()),
        "ratio": pa.array([n / 4 if n % 7 else None for n in range(count)], pa.float64()),
        "name": pa.array([f"name {n % 4} ż" if n % 3 else None for n in range(count)]),
        "blob": pa.array([bytes(range(n)) for n in range(count)], pa.binary()),
        "code": pa.array([bytes([n] * 3) if n != 5 else None for n in range(count)], pa.binary(3)),
        "price": pa.array([decimal.Decimal(n * n) / 100 for n in range(count)], pa.decimal128(9, 2)),
        "clock": pa.array([n * 10**15 if n % 6 else None for n in range(count)], pa.timestamp("ns")),
        "none": pa.nulls(count, pa.int32()),
    }
    pq.write_table(
        pa.table(columns),
        FIXTURES / f"flat_v{version[0]}.parquet",
        row_group_size=17,
        compression="snappy",
        data_page_version=version,
        write_page_checksum=True,
        use_dictionary=["name", "small", "code", "none"],
        use_deprecated_int96_timestamps=version == "1.0",
        write_batch_size=8,
        data_page_size=64,
        store_schema=False,
    )


def nested_rows(count: int) -> list[dict]:
    """Nulls, empty lists and long lists at each level; `NestedFixtureTests.swift` has the same."""

    def numbers(n: int):
        return None if n % 5 == 4 else [None if (n + i) % 3 == 0 else n * 10 + i for i in range(n % 4)]

    def item(n: int):
        if n % 4 == 3:
            return None
        tags = None if n % 6 == 5 else [(f"k{i}", numbers(n + i)) for i in range(n % 3)]
        return {"n": None if n % 3 == 2 else n, "tags": tags}

    def deep(n: int):
        if n % 7 == 6:
            return None
        items = None if n % 5 == 1 else [item(n + i) for i in range(n * 3 % 5)]
        return {"items": items, "id": n}

    return [
        {
            "numbers": numbers(n),
            "pair": None if n % 3 == 1 else {"a": None if n % 4 == 1 else n, "b": f"text {n}"},
            "grid": [numbers(n + i) for i in range(n % 3)],
            "deep": deep(n),
        }
        for n in range(count)
    ]


def nested_files(version: str) -> None:
    """Two row groups of lists, structs and maps in pages so small that rows span those of v1."""
    numbers = pa.list_(pa.int64())
    item = pa.struct([("n", pa.int32()), ("tags", pa.map_(pa.string(), numbers))])
    schema = pa.schema(
        [
            ("numbers", numbers),
            ("pair", pa.struct([("a", pa.int32()), ("b", pa.string())])),
            pa.field("grid", pa.list_(numbers), nullable=False),
            ("deep", pa.struct([("items", pa.list_(item)), pa.field("id", pa.int32(), nullable=False)])),
        ]
    )
    pq.write_table(
        pa.Table.from_pylist(nested_rows(40), schema=schema),
        FIXTURES / f"nested_v{version[0]}.parquet",
        row_group_size=25,
        compression="snappy",
        data_page_version=version,
        use_dictionary=["pair.b"],
        write_batch_size=3 if version == "1.0" else 8,
        data_page_size=16,
        write_statistics=False,
        store_schema=False,
    )


def chunk_seeds(file: pathlib.Path) -> None:
    """Each column chunk of the first row group behind the two bytes that `FuzzPage` reads."""
    types = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY"]
    data = file.read_bytes()
    group = pq.read_metadata(file).row_group(0)
    for index in range(group.num_columns):
        chunk = group.column(index)
        kind = types.index(chunk.physical_type) if chunk.physical_type in types else 7
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        pages = data[start : start + chunk.total_compressed_size]
        choice = kind | 1 << 4 | 1 << 5
        (SEEDS / "page" / f"{file.stem}-{chunk.path_in_schema}").write_bytes(
            bytes([choice, (group.num_rows - 1) // 8]) + pages
        )


def seeds() -> None:
    """The footers alone, the first page headers with what follows them, and whole files."""
    for kind in ("parquetfile", "page"):
        (SEEDS / kind).mkdir(parents=True, exist_ok=True)
    for file in sorted(FIXTURES.glob("*.parquet")):
        (SEEDS / "parquetfile" / file.stem).write_bytes(file.read_bytes())
        if not file.stem.startswith("nested"):
            chunk_seeds(file)
    for kind in ("footer", "pageheader"):
        (SEEDS / kind).mkdir(parents=True, exist_ok=True)
    for file in sorted(TARGET.glob("*.parquet")):
        data = file.read_bytes()
        size = int.from_bytes(data[-8:-4], "little")
        (SEEDS / "footer" / file.stem).write_bytes(data[-8 - size : -8])
        (SEEDS / "pageheader" / file.stem).write_bytes(data[4:68])


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    types()
    nested()
    small()
    flat("1.0")
    flat("2.0")
    nested_files("1.0")
    nested_files("2.0")
    seeds()
