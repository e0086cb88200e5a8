"""Random Avro schemas and values of them, files of them that fastavro writes, and what Arrow makes of them.

A value comes as a pair: what fastavro is to write, with the branch of each union named, and what is to be
read, in the plain form that `plain` gives arrays.
"""

import io
import math
import struct

import fastavro
import pyarrow as pa
from hypothesis import strategies as st

CODECS = ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"]

TEXT = st.text(st.characters(codec="utf-8"), max_size=6)


def written(schema, values, codec="null", sync_interval=16_000, metadata=None) -> bytes:
    """An object container file, whose blocks have about `sync_interval` bytes."""
    out = io.BytesIO()
    fastavro.writer(
        out, fastavro.parse_schema(schema, _write_hint=False), values, codec=codec,
        sync_interval=sync_interval, metadata=metadata, sync_marker=b"0123456789abcdef")
    return out.getvalue()


def same(values):
    """Pairs of values that come back as they are."""
    return values.map(lambda value: (value, value))


def number(value: float):
    """A float that equals itself alone."""
    return "nan" if math.isnan(value) else struct.pack("<d", value)


def integers(bits: int):
    return same(st.one_of(
        st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1), st.integers(-100, 100)))


FLOATS = st.floats(width=32).map(lambda value: (value, number(value)))
DOUBLES = st.floats().map(lambda value: (value, number(value)))

LEAVES = {
    "null": st.just((None, None)),
    "boolean": same(st.booleans()),
    "int": integers(32),
    "long": integers(64),
    "float": FLOATS,
    "double": DOUBLES,
    "bytes": same(st.binary(max_size=6)),
    "string": same(TEXT),
}
LOGICAL = {
    "date": ("int", integers(32)),
    "time-millis": ("int", same(st.integers(0, 86_399_999))),
    "time-micros": ("long", same(st.integers(0, 86_399_999_999))),
    **{f"{local}timestamp-{unit}": ("long", integers(64))
       for local in ("", "local-") for unit in ("millis", "micros", "nanos")},
    "uuid": ("string", same(st.uuids().map(str))),
    "big-decimal": ("bytes", same(st.binary(max_size=6))),
    "of-the-future": ("string", same(TEXT)),
}


class Names:
    """Gives names out, and keeps the types that have one."""

    def __init__(self, has_spaces: bool) -> None:
        # A name without a space cannot be meant inside of one.
        self.has_spaces = has_spaces
        self.count = 0
        self.known: list = []

    def fresh(self) -> str:
        self.count += 1
        return f"space{self.count % 3}.of.n{self.count}" if self.has_spaces else f"n{self.count}"


def decimals(draw, names: Names):
    precision = draw(st.integers(1, 76))
    scale = draw(st.integers(0, precision))
    whole = 10**precision - 1
    least = (whole.bit_length() + 8) // 8
    unscaled = st.one_of(st.integers(-whole, whole), st.integers(-min(whole, 1000), min(whole, 1000)))
    logical = {"logicalType": "decimal", "precision": precision, "scale": scale}
    if draw(st.booleans()):
        size = draw(st.integers(least, least + 3))
        schema = {"type": "fixed", "name": names.fresh(), "size": size, **logical}
        return schema, unscaled.map(lambda value: (value.to_bytes(size, "big", signed=True), value))
    lengths = st.integers(0, 2)  # more bytes than are needed

    def encoded(pair):
        value, more = pair
        length = (value.bit_length() + 8) // 8 + more
        return value.to_bytes(length, "big", signed=True), value

    return {"type": "bytes", **logical}, st.tuples(unscaled, lengths).map(encoded)


def durations(draw, names: Names):
    schema = {"type": "fixed", "name": names.fresh(), "size": 12, "logicalType": "duration"}
    parts = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1))
    return schema, parts.map(
        lambda each: (struct.pack("<III", *each), (each[0], each[1], each[2] * 1_000_000)))


def enums(draw, names: Names):
    symbols = draw(st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=5, unique=True))
    return {"type": "enum", "name": names.fresh(), "symbols": symbols}, same(st.sampled_from(symbols))


def fixeds(draw, names: Names):
    size = draw(st.sampled_from([0, 1, 2, 7, 16]))
    schema = {"type": "fixed", "name": names.fresh(), "size": size}
    if size == 16 and draw(st.booleans()):
        schema["logicalType"] = "uuid"
    return schema, same(st.binary(min_size=size, max_size=size))


def records(draw, names: Names, depth: int, most: int = 3):
    schema = {"type": "record", "name": names.fresh(), "fields": []}
    parts = {}
    for index in range(draw(st.integers(0 if depth else 1, most))):
        name = f"f{index}"
        kind, values = typed(draw, names, depth + 1)
        schema["fields"].append({"name": name, "type": kind})
        parts[name] = values
    return schema, st.fixed_dictionaries(parts).map(lambda pairs: (
        {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}))


def arrays(draw, names: Names, depth: int):
    kind, values = typed(draw, names, depth + 1)
    return {"type": "array", "items": kind}, st.lists(values, max_size=4).map(lambda pairs: (
        [pair[0] for pair in pairs], [pair[1] for pair in pairs]))


def maps(draw, names: Names, depth: int):
    kind, values = typed(draw, names, depth + 1)
    return {"type": "map", "values": kind}, st.dictionaries(TEXT, values, max_size=3).map(lambda pairs: (
        {key: pair[0] for key, pair in pairs.items()}, [(key, pair[1]) for key, pair in pairs.items()]))


def branch_name(schema) -> str:
    """What fastavro calls a branch of a union, and what a union may have once."""
    if isinstance(schema, str):
        return schema
    return schema.get("name", schema["type"])


def unions(draw, names: Names, depth: int):
    branches: list = []
    for _ in range(draw(st.integers(1, 4))):
        known = list(names.known)
        kind, values = typed(draw, names, depth + 1, union=False)
        if branch_name(kind) not in [branch_name(other) for other, _ in branches]:
            branches.append((kind, values))
        else:
            names.known = known  # what was defined in it is not defined
    if draw(st.booleans()) and "null" not in [kind for kind, _ in branches]:
        branches.insert(draw(st.integers(0, len(branches))), ("null", LEAVES["null"]))
    schema = [kind for kind, _ in branches]
    nullable = len(schema) == 2 and "null" in schema

    def chosen(index: int):
        kind, values = branches[index]

        def pair(value):
            datum = (branch_name(kind), value[0])
            return datum, value[1] if nullable or len(schema) == 1 else (index, value[1])

        return values.map(pair)

    return schema, st.integers(0, len(schema) - 1).flatmap(chosen)


def nullables(draw, names: Names, depth: int):
    kind, values = typed(draw, names, depth + 1, union=False)
    if kind == "null":
        return kind, values
    schema = ["null", kind] if draw(st.booleans()) else [kind, "null"]
    none = st.just((("null", None), None))
    return schema, st.one_of(none, values.map(lambda pair: ((branch_name(kind), pair[0]), pair[1])))


def typed(draw, names: Names, depth: int, union: bool = True):
    """(schema, strategy of pairs)"""
    choices = ["leaf", "logical", "leaf", "logical", "decimal", "duration", "enum", "fixed"]
    if names.known:
        choices.append("known")
    if depth < 4:
        choices += ["record", "array", "map"]
    if union:
        choices += ["nullable", "nullable", "nullable", "union"]
    choice = draw(st.sampled_from(choices))
    if choice == "leaf":
        name = draw(st.sampled_from(list(LEAVES)))
        return name, LEAVES[name]
    if choice == "logical":
        name = draw(st.sampled_from(list(LOGICAL)))
        kind, values = LOGICAL[name]
        return {"type": kind, "logicalType": name}, values
    if choice == "known":
        return draw(st.sampled_from(names.known))
    if choice in ("decimal", "duration", "enum", "fixed"):
        made = {"decimal": decimals, "duration": durations, "enum": enums, "fixed": fixeds}[choice](draw, names)
    else:
        made = {"record": records, "array": arrays, "map": maps, "nullable": nullables, "union": unions}[choice](
            draw, names, depth)
    if isinstance(made[0], dict) and "name" in made[0]:
        names.known.append((made[0]["name"], made[1]))
    return made


@st.composite
def files(draw, most_rows: int = 12):
    """(schema, what fastavro is to write, what is to be read, by column)"""
    names = Names(draw(st.booleans()))
    if draw(st.integers(0, 9)):
        schema, values = records(draw, names, 0, most=5)
    else:
        schema, values = typed(draw, names, 0)
    pairs = draw(st.lists(values, max_size=most_rows))
    if isinstance(schema, dict) and schema["type"] == "record":
        columns = [field["name"] for field in schema["fields"]]
    else:
        columns = ["value"]
        pairs = [(datum, {"value": value}) for datum, value in pairs]
    read = {name: [pair[1][name] for pair in pairs] for name in columns}
    return schema, [pair[0] for pair in pairs], read


# ---- Arrow arrays as plain values ------------------------------------------------------------------


def plain_table(table: pa.Table) -> dict:
    """{name: values} of a table whose names differ"""
    return {name: plain(table.column(name)) for name in table.column_names}


def plain(array) -> list:
    """Slots as values that equal what they should and nothing else: times as numbers, decimals unscaled."""
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in plain(chunk)]
    if isinstance(array, pa.ExtensionArray):
        return plain(array.storage)
    kind = array.type
    types = pa.types
    if types.is_null(kind):
        return [None] * len(array)
    if types.is_union(kind):
        # pyarrow's own `type_codes` and `offsets` are those of an array without an offset.
        codes, offsets = (
            pa.Array.from_buffers(kind_, len(array), [None, buffer], offset=array.offset).to_pylist()
            for kind_, buffer in zip((pa.int8(), pa.int32()), array.buffers()[1:3]))
        children = [plain(array.field(index)) for index in range(kind.num_fields)]
        return [(code, children[code][offset]) for code, offset in zip(codes, offsets)]
    valid = array.is_valid().to_pylist()
    if types.is_struct(kind):
        names = [field.name for field in kind]
        # Not `flatten`, which ends the process where a union lies below a null.
        parts = [plain(array.field(index)) for index in range(kind.num_fields)]
        return [
            {name: part[index] for name, part in zip(names, parts)} if ok else None
            for index, ok in enumerate(valid)]
    if types.is_map(kind):
        return ranges(array, list(zip(plain(array.keys), plain(array.items))), valid)
    if types.is_list(kind):
        return ranges(array, plain(array.values), valid)
    if types.is_dictionary(kind):
        words = plain(array.dictionary)
        return [words[index] if ok else None for index, ok in zip(array.indices.to_pylist(), valid)]
    if types.is_decimal(kind):
        def unscaled(value):
            sign, digits, _ = value.as_tuple()
            return int("".join(map(str, digits))) * (-1 if sign else 1)
        return [unscaled(value) if ok else None for value, ok in zip(array.to_pylist(), valid)]
    if types.is_floating(kind):
        return [None if value is None else number(value) for value in array.to_pylist()]
    if types.is_interval(kind):
        return [tuple(value) if ok else None for value, ok in zip(array.to_pylist(), valid)]
    if types.is_temporal(kind):
        storage = pa.int32() if kind.bit_width == 32 else pa.int64()
        return array.view(storage).to_pylist()
    return array.to_pylist()


def ranges(array, items: list, valid: list) -> list:
    """The items of each list; pyarrow gives all items, also of a slice."""
    offsets = array.offsets.to_pylist()
    return [items[offsets[index]:offsets[index + 1]] if ok else None for index, ok in enumerate(valid)]
