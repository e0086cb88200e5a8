"""Strategies for Arrow types, their values, and tables of them."""

import datetime
import decimal

import pyarrow as pa
from hypothesis import strategies as st


def integers(bits: int, signed: bool = True):
    low = -(2 ** (bits - 1)) if signed else 0
    return st.integers(low, low + 2**bits - 1)


DAY = st.dates(datetime.date(1700, 1, 1), datetime.date(2200, 1, 1))
MOMENT = st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))
WIDE = decimal.Context(prec=80)
KINDS = [
    (pa.bool_(), st.booleans()),
    *((getattr(pa, f"int{bits}")(), integers(bits)) for bits in (8, 16, 32, 64)),
    *((getattr(pa, f"uint{bits}")(), integers(bits, False)) for bits in (8, 16, 32, 64)),
    (pa.float16(), st.floats(width=16)),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    (pa.string(), st.text(max_size=20)),
    (pa.string(), st.sampled_from(["", "red", "green", "a rather longer value"])),
    (pa.binary(), st.binary(max_size=20)),
    (pa.string(), st.sampled_from(["x" * 3000, "", "y" * 70_000])),
    (pa.binary(1), st.binary(min_size=1, max_size=1)),
    (pa.binary(5), st.binary(min_size=5, max_size=5)),
    (pa.binary(16), st.binary(min_size=16, max_size=16)),
    (pa.null(), st.none()),
    (pa.date32(), DAY),
    (pa.time32("ms"), st.integers(0, 86_399_999)),
    (pa.time64("us"), st.integers(0, 86_399_999_999)),
    (pa.time64("ns"), st.integers(0, 86_399_999_999_999)),
    (pa.timestamp("ms"), integers(50)),
    (pa.timestamp("us"), MOMENT),
    (pa.timestamp("us", "UTC"), MOMENT),
    (pa.timestamp("ns"), integers(64)),
    (pa.timestamp("ms", "UTC"), integers(50)),
    (pa.timestamp("ns", "UTC"), integers(64)),
    (pa.decimal128(9, 2), st.decimals(-9_999_999, 9_999_999, places=2)),
    (pa.decimal128(18, 0), st.decimals(-10**17, 10**17, places=0)),
    (pa.decimal128(38, 10), st.decimals(-10**20, 10**20, places=10)),
    (pa.decimal256(50, 3), st.integers(-10**40, 10**40).map(lambda v: decimal.Decimal(v).scaleb(-3, WIDE))),
    (pa.decimal256(76, 0), st.integers(1 - 10**76, 10**76 - 1).map(decimal.Decimal)),
]

NAMES = st.sampled_from(["a", "b", "list", "element", "key", "value", "", "a.b", "ü"])


def nested(children):
    """Strategies of `(type, values)` that hold those of `children`."""
    return st.one_of(
        children.map(list_of),
        children.map(list_of),
        children.map(large_list_of),
        st.tuples(children, st.integers(1, 3)).map(lambda pair: fixed_list_of(*pair)),
        st.lists(st.tuples(NAMES, children), min_size=1, max_size=3, unique_by=lambda f: f[0])
        .map(struct_of),
        st.tuples(st.sampled_from(KEYS), children).map(lambda pair: map_of(*pair)),
    )


def list_of(child):
    kind, values = child
    return pa.list_(kind), st.lists(st.none() | values, max_size=4)


def large_list_of(child):
    kind, values = child
    return pa.large_list(kind), st.lists(st.none() | values, max_size=4)


def fixed_list_of(child, count):
    kind, values = child
    return pa.list_(kind, count), st.lists(st.none() | values, min_size=count, max_size=count)


def struct_of(fields):
    kind = pa.struct([pa.field(name, child) for name, (child, _) in fields])
    return kind, st.fixed_dictionaries({name: st.none() | values for name, (_, values) in fields})


def map_of(key, value):
    (key_kind, keys), (kind, values) = key, value
    pairs = st.lists(st.tuples(keys, st.none() | values), max_size=3)
    return pa.map_(key_kind, kind), pairs


KEYS = [(pa.string(), st.text(max_size=5)), (pa.int32(), integers(32)), (pa.date32(), DAY)]


def types(leaves=KINDS):
    """`(type, values)`: leaves, and whatever is made of them."""
    return st.recursive(st.sampled_from(leaves), nested, max_leaves=4)


@st.composite
def nested_tables(draw, leaves=KINDS, allow_required=True):
    """Tables of one to three columns of any type, with nulls at every level."""
    rows = draw(st.sampled_from([0, 1, 2, 8, 33]))
    arrays, fields = [], []
    for index in range(draw(st.integers(1, 3))):
        kind, values = draw(types(leaves))
        required = allow_required and kind != pa.null() and draw(st.booleans())
        some = draw(
            st.lists(values if required else st.none() | values, min_size=rows, max_size=rows))
        arrays.append(pa.array(some, kind))
        fields.append(pa.field(f"c{index}", kind, not required))
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    repeat = draw(st.sampled_from([1, 1, 5]))
    return pa.concat_tables([table] * repeat).combine_chunks()
