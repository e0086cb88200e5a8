"""Writes Tests/Fixtures/features: Parquet that no common writer makes, for test_features.py.

Needs nothing but Python: `python Tests/Fixtures/make_feature_fixtures.py`. The small writer below
knows the format's structs by their field numbers alone, so that it can write anything.
"""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "features"

# Numbers of parquet.thrift.
BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY = range(8)
REQUIRED, OPTIONAL, REPEATED = range(3)
PLAIN, GROUP_VAR_INT, PLAIN_DICTIONARY, RLE, BIT_PACKED, DELTA_BINARY_PACKED = range(6)
RLE_DICTIONARY, ALP = 8, 10
UNCOMPRESSED, SNAPPY, LZO = 0, 1, 3


class I8(int):
    """An integer of eight bits in Thrift; plain ones have 32."""


class I64(int):
    """An integer of 64 bits in Thrift."""


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def encoded(value) -> tuple[int, bytes]:
    """The wire type and the bytes in Thrift's compact protocol; a dict is a struct by field id."""
    if isinstance(value, bool):
        return (1 if value else 2), b""
    if isinstance(value, I8):
        return 3, struct.pack("b", value)
    if isinstance(value, int):
        return (6 if isinstance(value, I64) else 5), varint(value << 1 ^ value >> 63)
    if isinstance(value, (str, bytes)):
        data = value.encode() if isinstance(value, str) else value
        return 8, varint(len(data)) + data
    if isinstance(value, list):
        items = [encoded(item) for item in value]
        kind = items[0][0] if items else 12
        size = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + varint(len(items))
        return 9, size + b"".join(data for _, data in items)
    out, last = b"", 0
    for field, item in sorted(value.items()):
        kind, data = encoded(item)
        out += bytes([field - last << 4 | kind]) + data
        last = field
    return 12, out + b"\0"


def node(name, kind=None, repetition=REQUIRED, children=None, converted=None, logical=None, **more) -> dict:
    """A `SchemaElement`; `logical` is the number of the member, or the union itself."""
    if isinstance(logical, int):
        logical = {logical: {}}
    fields = {
        1: kind, 2: more.get("length"), 3: repetition, 4: name, 5: children, 6: converted,
        7: more.get("scale"), 8: more.get("precision"), 10: logical}
    return {field: value for field, value in fields.items() if value is not None}


def page(count: int, body: bytes, encoding=PLAIN, definitions=RLE, repetitions=RLE) -> bytes:
    header = {1: count, 2: encoding, 3: definitions, 4: repetitions}
    return other_page(0, body, {5: header})


def page_v2(count: int, nulls: int, levels: bytes, values: bytes, encoding=PLAIN) -> bytes:
    """A page of a column that is not below a repeated group."""
    header = {1: count, 2: nulls, 3: count, 4: encoding, 5: len(levels), 6: 0, 7: False}
    return other_page(3, levels + values, {8: header})


def dictionary_page(count: int, body: bytes, encoding=PLAIN) -> bytes:
    return other_page(2, body, {7: {1: count, 2: encoding}})


def other_page(kind: int, body: bytes, header: dict) -> bytes:
    return encoded({1: kind, 2: len(body), 3: len(body), **header})[1] + body


def column(path: str, kind: int, count: int, *pages: bytes, encodings=(PLAIN,), codec=UNCOMPRESSED, **more):
    """A column chunk; with `dictionary=True`, the first page is one."""
    return path, kind, count, pages, list(encodings), codec, more


def file(rows: int, schema: list[dict], columns: list) -> bytes:
    """One row group. `schema` lacks the root."""
    top, skip = 0, 0
    for element in schema:  # depth first
        top += not skip
        skip = max(skip - 1, 0) + element.get(5, 0)
    data, chunks = b"PAR1", []
    for path, kind, count, pages, encodings, codec, more in columns:
        sizes = [len(body) for body in pages]
        meta = {
            1: kind, 2: encodings, 3: path.split("."), 4: codec, 5: I64(count), 6: I64(sum(sizes)),
            7: I64(sum(sizes)), 9: I64(len(data) + (sizes[0] if more.get("dictionary") else 0))}
        if more.get("dictionary"):
            meta[11] = I64(len(data))
        chunk = {2: I64(0)}
        if not more.get("hidden"):
            chunk[3] = meta
        if "file_path" in more:
            chunk[1] = more["file_path"]
        chunks.append(chunk)
        data += b"".join(pages)
    group = {1: chunks, 2: I64(len(data) - 4), 3: I64(rows)}
    footer = encoded({
        1: 2, 2: [node("schema", children=top), *schema], 3: I64(rows), 4: [group],
        6: "make_feature_fixtures.py"})[1]
    return data + footer + struct.pack("<I", len(footer)) + b"PAR1"


def integers(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}i", *values)


def byte_arrays(*values: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(value)) + value for value in values)


def runs(*pairs: tuple[int, int], sized=True) -> bytes:
    """Levels of at most eight bits as runs of (level, count), with their length before them."""
    data = b"".join(varint(count << 1) + bytes([level]) for level, count in pairs)
    return struct.pack("<I", len(data)) + data if sized else data


def alp(values: list[float], width: int) -> bytes:
    """Vectors of eight values with two decimals at most; others are exceptions (AlpEncoding.md)."""
    exponent, factor = (14, 12) if width == 8 else (3, 1)
    form = "<d" if width == 8 else "<f"

    def rounded(value: float) -> float:
        return struct.unpack(form, struct.pack(form, value))[0]

    def integer(value: float):
        near = round(value * 100) if abs(value) < 1e6 else 0
        found = rounded(rounded(near * 10.0 ** factor) * rounded(10.0 ** -exponent))
        return near if found == value else None

    vectors = []
    for start in range(0, len(values), 8):
        part = values[start:start + 8]
        ints = [integer(value) for value in part]
        base = min(value for value in ints if value is not None)
        deltas = [(base if value is None else value) - base for value in ints]
        bits = max(deltas).bit_length()
        packed = sum(delta << index * bits for index, delta in enumerate(deltas))
        odd = [index for index, value in enumerate(ints) if value is None]
        vectors.append(
            struct.pack("<BBH", exponent, factor, len(odd)) + base.to_bytes(width, "little", signed=True)
            + bytes([bits]) + packed.to_bytes((bits * len(part) + 7) // 8, "little")
            + b"".join(struct.pack("<H", index) for index in odd)
            + b"".join(struct.pack(form, part[index]) for index in odd))
    offsets, end = b"", 4 * len(vectors)
    for vector in vectors:
        offsets += struct.pack("<I", end)
        end += len(vector)
    return bytes([0, 0, 3]) + struct.pack("<i", len(values)) + offsets + b"".join(vectors)


def alp_file() -> bytes:
    """Doubles and floats in ALP beside the same in PLAIN."""
    doubles = [(n * n - 300) / 100 for n in range(18)] + [0.1 + 0.2, 1e300]
    floats = [n / 4 for n in range(-9, 10)] + [2.0 ** -40]
    columns, schema = [], []
    for name, kind, values, width in [("double", DOUBLE, doubles, 8), ("float", FLOAT, floats, 4)]:
        plain = struct.pack(f"<{len(values)}{'d' if width == 8 else 'f'}", *values)
        schema += [node(f"{name}_plain", kind), node(f"{name}_alp", kind)]
        columns += [
            column(f"{name}_plain", kind, 20, page(20, plain)),
            column(f"{name}_alp", kind, 20, page(20, alp(values, width), ALP), encodings=[ALP])]
    return file(20, schema, columns)


def bit_packed_file() -> bytes:
    """Levels in BIT_PACKED, the highest bit first, beside the same in RLE."""
    present = [1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1]
    values = integers(*(n * 7 for n, bit in enumerate(present) if bit))
    packed = int("".join(map(str, present)).ljust(16, "0"), 2).to_bytes(2, "big")
    return file(11, [node("rle", INT32, OPTIONAL), node("bit_packed", INT32, OPTIONAL)], [
        column("rle", INT32, 11, page(11, runs(*((bit, 1) for bit in present)) + values)),
        column("bit_packed", INT32, 11, page(11, packed + values, definitions=BIT_PACKED),
               encodings=[PLAIN, BIT_PACKED])])


def pages_file() -> bytes:
    """Pages of all types and of one that nobody knows; and pages that their codec left alone."""
    return file(9, [node("mixed", INT32, OPTIONAL), node("stored", INT32, OPTIONAL)], [
        column(
            "mixed", INT32, 9,
            dictionary_page(2, integers(-5, 1 << 30)),
            other_page(1, b"an index", {6: {}}),
            page(5, runs((1, 5)) + bytes([1, 3, 0b01101]), RLE_DICTIONARY),
            other_page(9, b"of the future", {}),
            page_v2(4, 1, runs((1, 3), (0, 1), sized=False), integers(1, 2, 3)),
            encodings=[RLE_DICTIONARY, PLAIN, RLE], dictionary=True),
        column(
            "stored", INT32, 9, page_v2(9, 6, runs((0, 6), (1, 3), sized=False), integers(1, 2, 3)),
            codec=SNAPPY)])


def annotations_file() -> bytes:
    """Logical and converted types that the other files lack; three values of each."""
    utc, local = {1: True}, {1: False}
    millis, micros, nanos = {1: {}}, {2: {}}, {3: {}}
    ints, longs = integers(-1, 0, 2_000_000), struct.pack("<3q", -1, 0, 80_000_000_000)
    times, day = integers(0, 1, 86_399_999), struct.pack("<3q", 0, 1, 80_000_000_000)
    texts = byte_arrays(b'"a"', b"{}", b"[1, 2]")
    wide = b"".join((sign * 10 ** 75 + 7).to_bytes(32, "big", signed=True) for sign in (1, -1, 0))
    rows = [
        ("enum", BYTE_ARRAY, texts, {"converted": 4, "logical": 4}),
        ("json", BYTE_ARRAY, texts, {"converted": 19, "logical": 12}),
        ("bson", BYTE_ARRAY, texts, {"converted": 20, "logical": 13}),
        ("interval", FIXED_LEN_BYTE_ARRAY, bytes(range(36)), {"length": 12, "converted": 21}),
        ("uuid", FIXED_LEN_BYTE_ARRAY, bytes(range(48)), {"length": 16, "logical": 14}),
        ("int_32", INT32, ints, {"converted": 17, "logical": {10: {1: I8(32), 2: True}}}),
        ("int_64", INT64, longs, {"converted": 18, "logical": {10: {1: I8(64), 2: True}}}),
        ("decimal_76", FIXED_LEN_BYTE_ARRAY, wide,
         {"length": 32, "converted": 5, "precision": 76, "scale": 2, "logical": {5: {1: 2, 2: 76}}}),
        ("time_millis", INT32, times, {"converted": 7}),
        ("time_micros", INT64, day, {"converted": 8, "logical": {7: {**utc, 2: micros}}}),
        ("time_nanos", INT64, day, {"logical": {7: {**local, 2: nanos}}}),
        ("timestamp_millis", INT64, longs, {"converted": 9}),
        ("timestamp_micros", INT64, longs, {"converted": 10, "logical": {8: {**utc, 2: micros}}}),
        ("local_millis", INT64, longs, {"logical": {8: {**local, 2: millis}}}),
        ("local_micros", INT64, longs, {"logical": {8: {**local, 2: micros}}}),
    ]
    return file(3, [node(name, kind, **more) for name, kind, _, more in rows],
                [column(name, kind, 3, page(3, body)) for name, kind, body, _ in rows])


def legacy_lists_file() -> bytes:
    """Lists of two levels, by the rules for older writers (LogicalTypes.md); 4 rows of each."""
    def levels(*lists):
        return b"".join(runs(*((level, 1) for level in list)) for list in lists)

    two = {"repetition": OPTIONAL, "children": 1, "converted": 3, "logical": 3}
    # null, [], [1, 2], [3]
    leaves = page(5, levels([0, 0, 0, 1, 0], [0, 1, 2, 2, 2]) + integers(1, 2, 3))
    # null, [], [{1}, {null}], [{3}]
    groups = page(5, levels([0, 0, 0, 1, 0], [0, 1, 3, 2, 3]) + integers(1, 3))
    schema = [
        node("leaf", **two), node("element", INT32, REPEATED),
        node("named", **two), node("array", None, REPEATED, 1), node("x", INT32, OPTIONAL),
        node("tuple", **two), node("tuple_tuple", None, REPEATED, 1), node("x", INT32, OPTIONAL),
        node("pair", **two), node("item", None, REPEATED, 2), node("x", INT32, OPTIONAL),
        node("y", INT32, OPTIONAL)]
    paths = ["leaf.element", "named.array.x", "tuple.tuple_tuple.x", "pair.item.x", "pair.item.y"]
    return file(4, schema, [
        column(path, INT32, 5, leaves if path.startswith("leaf") else groups) for path in paths])


def deep_file(depth: int = 60) -> bytes:
    """A struct in a struct and so on, `depth` groups deep; null at the top, in the middle and at the end, then 7.

    That is as deep as pyarrow takes.
    """
    schema = [node(f"g{level}", None, OPTIONAL, 1) for level in range(depth)]
    schema.append(node("leaf", INT32))
    path = ".".join(element[4] for element in schema)
    levels = runs(*((level, 1) for level in [0, depth // 2, depth - 1, depth]))
    return file(4, schema, [column(path, INT32, 4, page(4, levels + integers(7)))])


FILES = {
    "alp": alp_file, "annotations": annotations_file, "bit_packed": bit_packed_file, "deep": deep_file,
    "legacy_lists": legacy_lists_file, "pages": pages_file}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, make in FILES.items():
        (FOLDER / f"{name}.parquet").write_bytes(make())
