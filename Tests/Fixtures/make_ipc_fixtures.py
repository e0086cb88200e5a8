"""Writes Tests/Fixtures/ipc/*.arrows with pyarrow: the Arrow IPC streams that the Swift tests read.

Run with a pyarrow of 20 or later: python Tests/Fixtures/make_ipc_fixtures.py
"""

import datetime
import decimal
import pathlib

import pyarrow as pa
from pyarrow import ipc

FOLDER = pathlib.Path(__file__).parent / "ipc"


def every_type() -> pa.Table:
    """Three rows of each type; the second is null where the type has nulls."""
    D = decimal.Decimal
    columns = {"null": pa.nulls(3), "bool": pa.array([True, None, False])}
    for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        columns[name] = pa.array([1, None, 3], getattr(pa, name)())
    for name in ["float16", "float32", "float64"]:
        columns[name] = pa.array([0.5, None, -2.0], getattr(pa, name)())
    for bits, precision in [(32, 9), (64, 18), (128, 38), (256, 76)]:
        decimal_type = getattr(pa, f"decimal{bits}")(precision, 2)
        columns[f"decimal{bits}"] = pa.array([D("1.23"), None, D("-4.56")], decimal_type)
    day = datetime.date(2024, 2, 29)
    for name in ["date32", "date64"]:
        columns[name] = pa.array([day, None, datetime.date(1969, 12, 31)], getattr(pa, name)())
    for time in [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")]:
        columns[str(time)] = pa.array([0, None, 3601], time)
    for unit in ["s", "ms", "us", "ns"]:
        columns[f"timestamp {unit}"] = pa.array([0, None, -1], pa.timestamp(unit))
        columns[f"timestamp {unit} UTC"] = pa.array([0, None, -1], pa.timestamp(unit, "UTC"))
        columns[f"duration {unit}"] = pa.array([0, None, -1], pa.duration(unit))
    columns["interval"] = pa.array([(1, 2, 3), None, (-1, 0, 0)], pa.month_day_nano_interval())
    for text in [pa.string(), pa.large_string(), pa.string_view()]:
        columns[str(text)] = pa.array(["a", None, "longer than twelve bytes"], text)
    for binary in [pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(2)]:
        columns[str(binary)] = pa.array([b"ab", None, b"\x00\xff"], binary)
    columns["list"] = pa.array([[1, None], None, []], pa.list_(pa.int32()))
    columns["large_list"] = pa.array([["x"], None, []], pa.large_list(pa.string()))
    columns["fixed_size_list"] = pa.array([[1, 2], None, [3, None]], pa.list_(pa.int8(), 2))
    columns["struct"] = pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}])
    columns["map"] = pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64()))
    columns["dictionary"] = pa.array(["x", None, "y"]).dictionary_encode()
    columns["list of dictionary"] = pa.ListArray.from_arrays(
        pa.array([0, 1, None, 3], pa.int32()), pa.array(["x", "y", "x"]).dictionary_encode()
    )
    columns["dense_union"] = pa.UnionArray.from_dense(
        pa.array([0, 5, 5], pa.int8()),
        pa.array([0, 0, 1], pa.int32()),
        [pa.array(["s"]), pa.array([1, 2])],
        ["text", "number"],
        [0, 5],
    )
    columns["sparse_union"] = pa.UnionArray.from_sparse(
        pa.array([0, 5, 5], pa.int8()),
        [pa.array(["s", "", ""]), pa.array([0, 1, 2])],
        ["text", "number"],
        [0, 5],
    )
    return pa.table(columns).replace_schema_metadata({"made by": "pyarrow"})


def write(name: str, table: pa.Table, **options) -> None:
    with ipc.new_stream(
        str(FOLDER / f"{name}.arrows"), table.schema, options=ipc.IpcWriteOptions(**options)
    ) as writer:
        writer.write_table(table)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    table = every_type()
    write("every_type", table)
    write("slices", pa.concat_tables([table.slice(1, 2), table.slice(2, 0), table.slice(0, 1)]))
    write("legacy_framing", table.select(["int32", "string"]), use_legacy_format=True)
    numbers = pa.table({"n": list(range(1000))})
    write("lz4", numbers, compression="lz4")
    write("zstd", numbers, compression="zstd")
    first = pa.record_batch({"d": pa.array(["a", "b"]).dictionary_encode()})
    other = pa.record_batch({"d": pa.array(["c", "d", "c"]).dictionary_encode()})
    more = pa.record_batch({"d": pa.array(["a", "b", "c"]).dictionary_encode()})
    write("dictionary_replaced", pa.Table.from_batches([first, other]))
    write("dictionary_delta", pa.Table.from_batches([first, more]), emit_dictionary_deltas=True)
    runs = pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"])
    write("run_end_encoded", pa.table({"r": runs}))


if __name__ == "__main__":
    main()
