"""Tables that Python's csv module writes in random dialects come back equal, whatever the threads and
chunks.
"""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
SPICY = st.text(st.sampled_from(list('a,;"\'\\\n\r\t| #é1.-')), max_size=8)
NUMBERS = st.one_of(
    st.integers(-2**63, 2**63 - 1).map(str), st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["true", "False", "2024-02-29", "12:30:00", "2024-02-29T12:30:00.5", ""]))
FIELD = st.one_of(SPICY, TEXT, NUMBERS)
HOW = ((1, None), (1, 1), (2, 1), (3, 7), (8, 64), (2, 1000), (3, 1 << 20))

dialects = st.fixed_dictionaries({
    "delimiter": st.sampled_from([",", ";", "\t", "|", " ", "~"]),
    "quotechar": st.sampled_from(['"', "'"]),
    "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    "doublequote": st.booleans(),
    "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
})


@st.composite
def tables(draw, fields=FIELD):
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(fields, min_size=width, max_size=width), min_size=1, max_size=12))
    return width, rows


def writable(rows, dialect: dict) -> list:
    """Without what Python's writer leaves so that no reader can tell what was meant."""
    def field(text: str) -> str:
        if not dialect["doublequote"]:
            text = text.replace("\\", "/")  # an escape that is not escaped itself
        if dialect["quoting"] == csv.QUOTE_MINIMAL and len(dialect["lineterminator"]) == 1:
            # Line ends other than its own stay without quotes.
            text = text.replace("\r", "\n").replace("\n", dialect["lineterminator"])
        return text

    return [[field(text) for text in row] for row in rows]


def written(rows, dialect: dict) -> bytes:
    text = io.StringIO()
    escape = None if dialect["doublequote"] else "\\"
    csv.writer(text, strict=True, escapechar=escape, **dialect).writerows(rows)
    return text.getvalue().encode()


def options(dialect: dict) -> dict:
    return {
        "delimiter": dialect["delimiter"], "quote": dialect["quotechar"],
        "double_quote": dialect["doublequote"], "escape": None if dialect["doublequote"] else "\\"}


def few(count: int):
    """The profile's examples, or less: each of them reads many times."""
    return settings(
        max_examples=max(10, settings().max_examples * count // 100), deadline=None,
        suppress_health_check=list(HealthCheck))


@few(50)
@given(tables(), dialects)
def test_fields_come_back_as_they_were_written(table, dialect):
    width, rows = table
    rows = writable(rows, dialect)
    data = written(rows, dialect)
    want = [list(column) for column in zip(*rows)]
    for threads, size in HOW:
        got = pfs.read_csv(
            data, has_header=False, infer_schema=False, null_values=[], skip_blank_lines=False,
            threads=threads, chunk_size=size, **options(dialect))
        assert list(got.to_pydict().values()) == want, (threads, size)
        assert got.num_columns == width


@few(50)
@given(tables(st.one_of(NUMBERS, NUMBERS, NUMBERS, SPICY)), dialects, st.integers(0, 3))
def test_inference_does_not_depend_on_threads_chunks_and_sample(table, dialect, sample):
    width, rows = table
    header = [f"c{index}" for index in range(width)]
    rows = writable(rows, dialect)
    data = written([header, *rows], dialect)
    usual = pfs.read_csv(data, **options(dialect))
    for threads, size in HOW:
        how = {"threads": threads, "chunk_size": size, "sample_rows": sample, **options(dialect)}
        got = pfs.read_csv(data, **how)
        assert repr(got.schema) == repr(usual.schema), (threads, size)
        assert repr(got.to_pydict()) == repr(usual.to_pydict()), (threads, size)
        scan = pfs.scan_csv(data, batch_size=3, **how)
        assert repr(scan.schema) == repr(usual.schema)
        rows_of_scan = [row for batch in scan for row in batch.to_pylist()]
        assert repr(rows_of_scan) == repr(usual.to_pylist())


@few(100)
@given(st.binary(max_size=60), st.sampled_from(["raise", "null", "skip"]), st.booleans())
def test_any_bytes_give_the_same_table_or_the_same_error(data, rule, header):
    def outcome(**how):
        try:
            table = pfs.read_csv(
                data, on_error=rule, has_header=header, schema=None, encoding="latin-1", **how)
        except pfs.Error as problem:
            return type(problem), str(problem)
        return repr(table.schema), repr(table.to_pydict()), repr(table.rejects.to_pydict())

    usual = outcome(threads=1)
    for threads, size in HOW:
        assert outcome(threads=threads, chunk_size=size) == usual, (threads, size)


@few(50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_floats_are_the_nearest(values):
    data = "x\n" + "".join(f"{value!r}\n" for value in values)
    assert pfs.read_csv(data.encode(), schema={"x": "double"}).to_pydict()["x"] == values
    long = "x\n" + "".join(f"{value:.40e}\n" for value in values)
    assert pfs.read_csv(long.encode(), schema={"x": "double"}).to_pydict()["x"] == values
