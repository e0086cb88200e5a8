"""Writes the Parquet files that the tests read, and seeds for the fuzzers from them.

Run with pyarrow installed: `python Tests/Fixtures/make_fixtures.py`. The files are committed, so
that the tests need neither pyarrow nor this script; what they expect stands in the tests.
"""

import datetime
import decimal
import io
import pathlib
import struct
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


def encodings(version: str) -> None:
    """Values in PLAIN, then the same in each other encoding of their type; several pages."""
    count = 41
    delta, split = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"
    lengths, prefixes = "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"

    def some(values):
        return [None if n % 5 == 2 else value for n, value in enumerate(values)]

    numbers = [(n * n * 7919) % 251 - 120 for n in range(count)]
    extremes = [(-1) ** n * (2**63 - 1) * (n % 3) // 2 for n in range(count)]
    words = [f"ż{'step ' * (n % 4)}{n // 6}" for n in range(count)]
    keys = [bytes([n // 9, n // 9, n, 3, 3]) for n in range(count)]
    groups = [
        ("small", pa.array(some(numbers), pa.int8()), [delta, split]),
        ("wide", pa.array(extremes, pa.int64()), [delta, split]),
        ("time", pa.array(some(numbers), pa.timestamp("ms")), [delta]),
        ("ratio", pa.array(some([n / 8 for n in numbers]), pa.float32()), [split]),
        ("half", pa.array([n / 8 for n in numbers], pa.float16()), [split, prefixes]),
        ("price", pa.array(some(map(decimal.Decimal, numbers)), pa.decimal128(9, 2)),
         [split, prefixes]),
        ("code", pa.array(some(keys), pa.binary(5)), [split, prefixes]),
        ("name", pa.array(some(words), pa.string()), [lengths, prefixes]),
        ("blob", pa.array(keys, pa.binary()), [lengths, prefixes]),
    ]  # fmt: skip
    columns, chosen = {}, {}
    for name, values, others in groups:
        for encoding in ["PLAIN", *others]:
            columns[f"{name}_{encoding}"] = values
            chosen[f"{name}_{encoding}"] = encoding
    pq.write_table(
        pa.table(columns),
        FIXTURES / f"encodings_v{version[0]}.parquet",
        compression="snappy" if version == "2.0" else "none",
        data_page_version=version,
        use_dictionary=False,
        column_encoding=chosen,
        write_statistics=False,
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
        if chunk.path_in_schema.endswith("PLAIN"):
            continue  # there are enough of these
        kind = types.index(chunk.physical_type) if chunk.physical_type in types else 7
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        pages = data[start : start + chunk.total_compressed_size]
        choice = kind | 1 << 4 | (chunk.compression == "SNAPPY") << 5
        (SEEDS / "page" / f"{file.stem}-{chunk.path_in_schema}").write_bytes(
            bytes([choice, (group.num_rows - 1) // 8]) + pages
        )


def alp_seed() -> None:
    """A page of nine doubles in ALP, which pyarrow does not write: two vectors, one exception."""
    vectors = [
        bytes([2, 0, 0, 0]) + struct.pack("<q", 125) + bytes([0]),
        bytes([0, 0, 1, 0]) + struct.pack("<q", 7) + bytes([3, 0, 0, 0]) + struct.pack("<d", 0.1),
    ]
    offsets = struct.pack("<2I", 8, 8 + len(vectors[0]))
    values = bytes([0, 0, 3]) + struct.pack("<i", 9) + offsets + b"".join(vectors)
    size = len(values) * 2  # zigzag
    header = bytes([0x15, 0, 0x15, size, 0x15, size, 0x2C, 0x15, 18, 0x15, 20, 0x15, 6, 0x15, 6, 0, 0])
    (SEEDS / "page" / "alp").write_bytes(bytes([5, 1]) + header + values)


def index_seeds() -> None:
    """Column indexes, each with the offset index behind it, offset indexes and Bloom filters."""
    target = SEEDS / "pageindex"
    target.mkdir(parents=True, exist_ok=True)
    columns = {
        "integers": pa.array([None if i % 7 == 0 or i < 8 else i for i in range(64)], pa.int32()),
        "strings": pa.array([f"{i:03}" * (i // 4) for i in range(64)]),
        "doubles": pa.array([None if i % 3 == 0 else -i / 4 for i in range(64)]),
    }
    options = {"write_batch_size": 8, "data_page_size": 1, "use_dictionary": False}

    def tail(**more) -> bytes:
        """What lies between the column chunk and the footer."""
        file = io.BytesIO()
        pq.write_table(table, file, **options, **more)
        data = file.getvalue()
        chunk = pq.read_metadata(io.BytesIO(data)).row_group(0).column(0)
        start = chunk.data_page_offset + chunk.total_compressed_size
        return data[start : -8 - int.from_bytes(data[-8:-4], "little")]

    for name, column in columns.items():
        table = pa.table({name: column})
        indexes = tail(write_page_index=True)
        (target / f"{name}-column").write_bytes(indexes)
        # An offset index begins with the list of its structs, which begin with an i64.
        begin = max(indexes.rfind(bytes([0x19, pages << 4 | 0xC, 0x16])) for pages in range(1, 15))
        (target / f"{name}-offset").write_bytes(indexes[begin:])
        bloom = tail(bloom_filter_options={name: {"ndv": 20}})
        (target / f"{name}-bloom").write_bytes(bloom)


def seeds() -> None:
    """The footers alone, the first page headers with what follows them, and whole files."""
    for kind in ("parquetfile", "page"):
        (SEEDS / kind).mkdir(parents=True, exist_ok=True)
    for name in ("flat_v1", "flat_v2", "encodings_v1", "nested_v1", "nested_v2"):
        file = FIXTURES / f"{name}.parquet"
        (SEEDS / "parquetfile" / file.stem).write_bytes(file.read_bytes())
        if not file.stem.startswith("nested"):
            chunk_seeds(file)
    alp_seed()
    index_seeds()
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
    encodings("1.0")
    encodings("2.0")
    nested_files("1.0")
    nested_files("2.0")
    seeds()
