"""`read_csv`, `scan_csv` and `sniff_csv`: sources, options, types, errors with their places, rejects."""

import datetime
import decimal
import gzip
import io
import sys
import threading

import pyarrow as pa
import pytest

import parquetframe_swift as pfs

SMALL = b"id,name,price\n1,apple,1.5\n2,\"pear, green\",2.25\n3,,\n"


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_bytes(SMALL)
    return path


def columns(data, **options) -> dict:
    return pfs.read_csv(data.encode() if isinstance(data, str) else data, **options).to_pydict()


EXPECTED = {"id": [1, 2, 3], "name": ["apple", "pear, green", None], "price": [1.5, 2.25, None]}


# ---- Sources --------------------------------------------------------------------------------------


def test_every_kind_of_source(small):
    for source in (small, str(small), SMALL, bytearray(SMALL), memoryview(SMALL), io.BytesIO(SMALL),
                   open(small, "rb"), [small]):
        table = pfs.read_csv(source)
        assert table.to_pydict() == EXPECTED
        assert table.schema.types == ["int64", "string", "double"]
        assert table.rejects.num_rows == 0
    assert pfs.read_csv(small, memory_map=True).to_pydict() == EXPECTED
    with pytest.raises(TypeError):
        pfs.read_csv(3)
    with pytest.raises(pfs.ArgumentError):
        pfs.read_csv([])


def test_compressed_files_are_known_by_their_bytes(tmp_path):
    packed = {"gzip": gzip.compress(SMALL), "zstd": pa.Codec("zstd").compress(SMALL, asbytes=True)}
    for name, data in packed.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(data)
        for source in (path, data, io.BytesIO(data)):
            assert columns(source) == EXPECTED
            assert [batch.num_rows for batch in pfs.scan_csv(source)] == [3]


def test_several_files_are_one_table(tmp_path):
    (tmp_path / "b.csv").write_text("x,y\n3,c\n4.5,d\n")
    (tmp_path / "a.csv").write_text("y,x\na,1\nb,2\n")
    (tmp_path / "c.CSV.gz").write_bytes(gzip.compress(b"x,y\n,e\n"))
    (tmp_path / "other.json").write_text("{}")
    want = {"y": ["a", "b", "c", "d", "e"], "x": [1.0, 2.0, 3.0, 4.5, None]}
    for source in (tmp_path, str(tmp_path / "*.[cC]*"), sorted(tmp_path.glob("*.[cC]*"))):
        assert pfs.read_csv(source).to_pydict() == want
        scan = pfs.scan_csv(source, batch_size=2)
        batches = list(scan)
        assert scan.schema == pfs.read_csv(source).schema
        assert all(batch.schema == scan.schema and batch.num_rows <= 2 for batch in batches)
        assert pa.concat_tables([b.to_pyarrow() for b in batches]).to_pydict() == want
    assert pfs.read_csv(tmp_path, limit=3).num_rows == 3
    assert sum(batch.num_rows for batch in pfs.scan_csv(tmp_path, limit=3)) == 3
    given = {"x": "double", "y": "string"}
    assert sum(batch.num_rows for batch in pfs.scan_csv(tmp_path, limit=3, schema=given)) == 3
    (tmp_path / "d.csv").write_text("x,z\n3,c\n")
    with pytest.raises(pfs.CSVError, match='d.csv: other columns.*first.*a.csv: "y" missing, "z" new') as caught:
        pfs.read_csv(tmp_path)
    assert caught.value.file.endswith("d.csv")
    with pytest.raises(pfs.CSVError, match='d.csv: other columns'):
        pfs.scan_csv(tmp_path)
    united = {**want, "x": [*want["x"], 3.0], "y": [*want["y"], None], "z": [None] * 5 + ["c"]}
    assert pfs.read_csv(tmp_path, union_by_name=True).to_pydict() == united
    scan = pfs.scan_csv(tmp_path, union_by_name=True, batch_size=2)
    assert pa.table(scan).to_pydict() == united


def test_sources_of_any_kind_are_one_table(small, tmp_path):
    twice = {name: values * 2 for name, values in EXPECTED.items()}
    other = b"price,id,name\n" + b"1.5,1,apple\n2.25,2,\"pear, green\"\n,3,\n"
    for sources in ([SMALL, other], [io.BytesIO(SMALL), io.BytesIO(other)], [small, gzip.compress(other)],
                    [open(small, "rb"), memoryview(other)], (bytearray(SMALL), str(small))):
        assert pfs.read_csv(sources).to_pydict() == twice
        assert pa.table(pfs.scan_csv(sources, batch_size=2)).to_pydict() == twice
        assert pfs.sniff_csv(sources)["schema"] == {"id": "int64", "name": "string", "price": "double"}
    assert pfs.read_csv([SMALL, small.parent]).to_pydict() == twice
    with pytest.raises(pfs.CSVError, match=r"<bytes 1>, line 2") as caught:
        pfs.read_csv([SMALL, b"id,name,price\nx,y,1\n"], schema={"id": int})
    assert caught.value.file == "<bytes 1>"
    mixed = [b"a\n1\n", io.BytesIO(b"b\nx\n")]
    with pytest.raises(pfs.CSVError, match='<BytesIO 1>: other columns.*"a" missing, "b" new'):
        pfs.read_csv(mixed)
    assert pfs.read_csv(mixed, union_by_name=True).to_pydict() == {"a": [1, None], "b": [None, "x"]}
    assert pfs.read_csv(mixed, union_by_name=True, columns=["b"], schema={"b": "dictionary"}).to_pydict() == {
        "b": [None, "x"]}
    with pytest.raises(pfs.UnknownColumnError):
        pfs.read_csv(mixed, union_by_name=True, columns=["c"])

    class Failing(io.BytesIO):
        def read(self, count=-1):
            raise ConnectionError("the line is down")

    for call in (pfs.read_csv, lambda sources: list(pfs.scan_csv(sources))):
        with pytest.raises(ConnectionError, match="the line is down"):
            call([SMALL, Failing(SMALL)])
    with pytest.raises(TypeError):
        pfs.read_csv([SMALL, 3])


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        pfs.read_csv(tmp_path / "nowhere.csv")
    with pytest.raises(FileNotFoundError):
        pfs.read_csv(str(tmp_path / "*.csv"))
    with pytest.raises(FileNotFoundError):
        pfs.scan_csv(tmp_path)
    with pytest.raises(pfs.CSVError, match="empty"):
        pfs.read_csv(b"")


def test_a_file_object_that_fails_raises_its_own_error():
    class Failing(io.BytesIO):
        def read(self, count=-1):
            raise ConnectionError("the line is down")

    with pytest.raises(ConnectionError, match="the line is down"):
        pfs.read_csv(Failing(SMALL))
    with pytest.raises(ConnectionError, match="the line is down"):
        list(pfs.scan_csv(Failing(SMALL)))


# ---- Options --------------------------------------------------------------------------------------


def test_dialects():
    want = {"a": [1, 2], "b": ["x", "y"]}
    assert columns("a;b\n1;x\n2;y\n", delimiter=";") == want
    assert columns("a||b\n1||x\n2||y\n", delimiter="||") == want
    assert columns("a\tb\r\n1\tx\r\n2\ty", delimiter="\t") == want
    assert columns("a,b\r1,x\r2,y\r") == want
    assert columns("a,b\n1,'x'\n2,'y'\n", quote="'") == want
    assert columns('a,b\n1,"x"\n', quote=None) == {"a": [1], "b": ['"x"']}
    assert columns('a,b\n1,"x\\"y"\n', escape="\\") == {"a": [1], "b": ['x"y']}
    assert columns('a,b\n1,"x""y\nz"\n') == {"a": [1], "b": ['x"y\nz']}
    assert columns("# no\na,b\n1,x\n# no\n2,y\n", comment="#") == want
    assert columns("one\ntwo\na,b\n1,x\n2,y\n", skip_rows=2) == want
    assert columns("a,b\n 1 ,x \n2,  y\n", trim="both") == want
    assert columns("a\n1\n\n2\n") == {"a": [1, 2]}
    assert columns("a\n1\n\n2\n", skip_blank_lines=False) == {"a": [1, None, 2]}
    assert columns("a;b\n1.234,5;x\n", delimiter=";", decimal_mark=",", thousands_mark=".") == {
        "a": [1234.5], "b": ["x"]}


def test_headers_and_names():
    assert columns("1,x\n2,y\n", has_header=False) == {"column_1": [1, 2], "column_2": ["x", "y"]}
    assert columns("1,x\n", has_header=False, column_names=["a", "b"]) == {"a": [1], "b": ["x"]}
    assert columns("q,r\n1,x\n", column_names=["a", "b"]) == {"a": [1], "b": ["x"]}
    assert columns("a,a\n1,2\n") == {"a": [1], "a_1": [2]}
    assert pfs.read_csv(b"a,a\n1,2\n", duplicate_names="keep").column_names == ["a", "a"]
    with pytest.raises(pfs.CSVError, match='"a"'):
        columns("a,a\n1,2\n", duplicate_names="error")


def test_projection_and_limit():
    assert columns(SMALL, columns=["price", "id"]) == {"price": EXPECTED["price"], "id": [1, 2, 3]}
    assert columns(SMALL, limit=1) == {"id": [1], "name": ["apple"], "price": [1.5]}
    assert pfs.read_csv(SMALL, limit=0).num_rows == 0
    assert pfs.read_csv(SMALL, columns=[]).shape[1] == 0
    with pytest.raises(pfs.UnknownColumnError) as caught:
        columns(SMALL, columns=["nam"])
    assert caught.value.name == "nam" and caught.value.nearest == ["name"]


def test_nulls():
    data = 'a,b,c\nNA,NA,"NA"\n1,-,"x"\n'
    assert columns(data, null_values=["NA", "-"]) == {"a": [None, 1], "b": [None, None], "c": ["NA", "x"]}
    assert columns(data, null_values=["NA", "-"], quoted_strings_can_be_null=True)["c"] == [None, "x"]
    assert columns(data, null_values=["NA"], strings_can_be_null=False)["b"] == ["NA", "-"]
    assert columns(data, null_values={"a": ["NA"], "b": ["-"]}) == {
        "a": [None, 1], "b": ["NA", None], "c": ["NA", "x"]}
    assert columns("a\nNA\n", null_values="NA") == {"a": [None]}
    assert columns(data, null_values=None, true_values=None) == columns(data)


def test_encodings():
    text = "a,b\nä,€\n"
    want = {"a": ["ä"], "b": ["€"]}
    for encoding in ("utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be"):
        assert columns(text.encode(encoding), encoding=encoding) == want
    assert columns("a\nä\n".encode("latin-1"), encoding="latin-1") == {"a": ["ä"]}
    assert columns(text.encode("utf-8-sig")) == columns(text.encode("utf-16")) == want
    with pytest.raises(pfs.CSVError) as caught:
        columns(b"a,b\nx,y\nx,\xff\n")
    assert (caught.value.line, caught.value.column, caught.value.offset) == (3, "b", 10)
    text = "a,b\n" + "ä€😀,x\n" * 3
    for encoding, wrong in (("utf-16-le", b"\x00\xdc"), ("utf-16-be", b"\xdc\x00"), ("cp1252", b"\x81")):
        head = text.replace("😀", "") if encoding == "cp1252" else text
        head = head.encode(encoding) + "q,".encode(encoding)
        data = head + wrong + "\n".encode(encoding)
        for call in (pfs.read_csv, lambda *a, **k: list(pfs.scan_csv(*a, **k))):
            with pytest.raises(pfs.CSVError, match="bytes that are not") as caught:
                call(data, encoding=encoding)
            assert (caught.value.line, caught.value.record, caught.value.column, caught.value.offset) == (
                5, 4, "b", len(head))
        table = pfs.read_csv(data, encoding=encoding, on_error="skip")
        assert table.num_rows == 3 and table.rejects.to_pydict()["byte_offset"] == [len(head)]
    assert columns(b"a\n\xff\n", encoding_errors="replace") == {"a": ["\ufffd"]}
    with pytest.raises(pfs.ArgumentError, match="klingon"):
        columns(text, encoding="klingon")


def test_options_that_make_no_sense_are_told_by_name():
    for options in ({"delimiter": ""}, {"quote": "ab"}, {"on_error": "shrug"}, {"ragged": "x"}, {"trim": "x"},
                    {"limit": -1}, {"threads": 0}, {"chunk_size": 0}, {"schema": {"id": "int65"}},
                    {"encoding_errors": "x"}, {"duplicate_names": "x"}):
        with pytest.raises(pfs.ArgumentError, match=next(iter(options))) as caught:
            columns(SMALL, **options)
        # What is wrong in any file names none.
        assert "memory" not in str(caught.value)
    with pytest.raises(TypeError):
        columns(SMALL, delimiter=3)
    with pytest.raises(TypeError):
        columns(SMALL, columns="id")
    with pytest.raises(TypeError):
        columns(SMALL, schema="int64")


def test_an_unknown_option_is_an_error_that_names_it():
    import ctypes

    from parquetframe_swift import _csv

    file, text = _csv.open_file(SMALL), ctypes.c_void_p()
    with pytest.raises(pfs.ArgumentError, match="did you mean \"delimiter\"") as caught:
        file.call("pf_csv_sniff", b'{"delimeter": ";"}', ctypes.byref(text))
    assert caught.value.details == {"option": "delimeter", "nearest": ["delimiter"]}


# ---- Types ----------------------------------------------------------------------------------------


def test_inferred_types():
    table = pfs.read_csv(
        b"i,f,b,d,t,w,z,s,e\n"
        b"1,1.5,true,2024-02-29,12:30:00.5,2024-02-29T12:30:00,2024-02-29 12:30:00+01:00,x,\n"
        b"-2,1e-3,false,1969-12-31,00:00:00,2024-02-29 00:00,2024-02-29T00:00Z,7x,\n")
    assert table.schema.types == [
        "int64", "double", "bool", "date32[day]", "time64[us]", "timestamp[us]",
        "timestamp[us, tz=UTC]", "string", "string"]
    first = {name: values[0] for name, values in table.to_pydict().items()}
    assert first["d"] == datetime.date(2024, 2, 29)
    assert first["z"] == datetime.datetime(2024, 2, 29, 11, 30, tzinfo=datetime.timezone.utc)


def test_a_late_value_widens_only_its_column():
    data = "a,b\n" + "1,2\n" * 5000 + "x,3\n"
    for options in ({}, {"sample_rows": 0}, {"sample_rows": 1, "threads": 3, "chunk_size": 100}):
        table = pfs.read_csv(data.encode(), **options)
        assert table.schema.types == ["string", "int64"]
        assert table.to_pydict()["a"] == ["1"] * 5000 + ["x"]


def test_integers_are_never_rounded():
    big = str(2**63)
    assert columns(f"a\n{2**63 - 1}\n") == {"a": [2**63 - 1]}
    assert columns(f"a\n1\n{big}\n") == {"a": ["1", big]}
    assert columns(f"a\n{big}\n", schema={"a": "uint64"}) == {"a": [2**63]}


@pytest.mark.parametrize("schema", [
    {"d": "decimal128(10, 2)", "k": "dictionary", "t": "timestamp[ns]"},
    {"d": pa.decimal128(10, 2), "k": pa.dictionary(pa.int32(), pa.string()), "t": pa.timestamp("ns")},
    pa.schema({"d": pa.decimal128(10, 2), "k": pa.dictionary(pa.int32(), pa.string()), "t": pa.timestamp("ns")}),
    [("d", "decimal128(10, 2)"), ("k", "category"), ("t", "timestamp[ns]")],
])
def test_schemas(schema):
    table = pfs.read_csv(b"d,k,t,n\n1.5,x,2024-01-01T00:00:00.123456789,7\n2,x,2024-01-02,8\n", schema=schema)
    assert table.schema.types == [
        "decimal128(10, 2)", "dictionary<values=string, indices=int32, ordered=0>", "timestamp[ns]", "int64"]
    assert table.to_pydict()["d"] == [decimal.Decimal("1.50"), decimal.Decimal("2.00")]
    again = pfs.read_csv(b"d,k,t,n\n1.5,x,2024-01-01,7\n", schema=table.schema)
    assert again.schema == table.schema


def test_schemas_of_python_types_and_by_position():
    assert pfs.read_csv(b"1,2\n", has_header=False, schema=[("a", float), ("b", str)]).to_pydict() == {
        "a": [1.0], "b": ["2"]}
    assert columns("a\n1\n", infer_schema=False) == {"a": ["1"]}
    with pytest.raises(pfs.UnknownColumnError):
        columns("a\n1\n", schema={"b": int})


# ---- Other forms of dates and times ----------------------------------------------------------------

FORMATS = ["%d/%m/%Y", "%m/%d/%y", "%d %b %Y", "%B %d, %Y", "%Y%m%d", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S.%f",
           "%I:%M:%S %p", "%H.%M", "%Y-%m-%dT%H:%M:%S%z", "%A, %d-%b-%Y %H:%M:%S", "%Y-%j", "%a %e %h %D"]


@pytest.mark.parametrize("form", FORMATS)
def test_formats_are_those_of_strptime(form):
    import random

    plain = form.replace("%e", "%d").replace("%h", "%b").replace("%D", "%m/%d/%y")
    if form.endswith("%D"):
        form = plain = "%a %e %h %Y"
        plain = "%a %d %b %Y"
    chance = random.Random(7)
    moments = [
        datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        + datetime.timedelta(seconds=chance.randrange(0, 2_000_000_000), microseconds=chance.randrange(10**6))
        for _ in range(200)]
    texts = [moment.strftime(plain) for moment in moments]
    want = [datetime.datetime.strptime(text, plain) for text in texts]
    data = "a\n" + "".join(f'"{text}"\n' for text in texts)
    table = pfs.read_csv(data.encode(), datetime_formats={"a": form}, threads=2, chunk_size=512)
    got, kind = table.to_pydict()["a"], table.schema.types[0]
    if kind == "date32[day]":
        want = [moment.date() for moment in want]
    elif kind == "time64[us]":
        want = [moment.time() for moment in want]
    assert got == want


def test_formats_of_pandas_and_pyarrow_give_the_same():
    import pandas
    import pyarrow.csv

    data = b"a,b\n31.12.2023 23:59,1\n01.01.2024 00:00,2\n,3\n"
    form = "%d.%m.%Y %H:%M"
    got = pfs.read_csv(data, datetime_formats=form)
    frame = pandas.read_csv(io.BytesIO(data), parse_dates=["a"], date_format=form)
    assert got.to_pandas()["a"].astype("datetime64[ns]").equals(frame["a"].astype("datetime64[ns]"))
    table = pyarrow.csv.read_csv(
        io.BytesIO(data), convert_options=pyarrow.csv.ConvertOptions(timestamp_parsers=[form]))
    assert got.to_pyarrow()["a"].cast(table["a"].type).equals(table["a"])
    assert pa.table(pfs.scan_csv(data, datetime_formats=form)).equals(got.to_pyarrow())


def test_formats_that_are_none_are_told_by_name():
    data = b"d,n\n01.02.2024,1\n"
    for formats in ("%Q", "%d", "x", "%", ["%d.%m.%Y", "%H:%M %H"], {"d": "%d/%m"}):
        with pytest.raises(pfs.ArgumentError, match="datetime_formats"):
            columns(data, datetime_formats=formats)
    with pytest.raises(pfs.ArgumentError, match='column "n".*"%d.%m.%Y" says no int64'):
        columns(data, datetime_formats={"n": "%d.%m.%Y"}, schema={"n": int})
    with pytest.raises(pfs.UnknownColumnError):
        columns(data, datetime_formats={"q": "%d.%m.%Y"})
    with pytest.raises(TypeError, match="datetime_formats"):
        columns(data, datetime_formats=3)
    assert columns(data, datetime_formats={"d": []}) == columns(data, datetime_formats=None) == columns(data)


def test_a_late_value_of_another_form_makes_text():
    rows = [f"{1 + i % 28:02}.02.2024" for i in range(3000)]
    data = "a\n" + "\n".join(rows) + "\n2024-02-01\n"
    for options in ({}, {"threads": 3, "chunk_size": 1000}, {"sample_rows": 0}):
        got = pfs.read_csv(data.encode(), datetime_formats="%d.%m.%Y", **options)
        assert got.schema.types == ["string"] and got.to_pydict()["a"] == [*rows, "2024-02-01"]


ALL = ["int8", "uint16", "int32", "uint64", "halffloat", "float", "double", "bool", "date32[day]", "date64[ms]",
       "time32[s]", "time64[ns]", "timestamp[s]", "timestamp[ms, tz=Europe/Berlin]", "decimal32(5, 1)",
       "decimal64(12, 1)", "decimal256(40, 1)", "string", "large_string", "string_view", "binary",
       "large_binary", "binary_view", "null", "duration[s]", "fixed_size_binary[2]"]


@pytest.mark.parametrize("kind", ALL)
def test_every_type_by_its_name(kind):
    table = pfs.read_csv(b"a,b\n,1\n", schema={"a": kind})
    assert table.schema.types[0] == kind
    assert table.to_pydict()["a"] == [None]


TEXTS = {
    pa.null(): ["", ""], pa.bool_(): ["true", "0"], pa.float16(): ["1.5", "-65504"], pa.float32(): ["0.1", "1e-45"],
    pa.float64(): ["0.1", "-1e300"], pa.decimal32(9, 2): ["1.25", "-9999999.99"], pa.decimal64(18, 0): ["7", "-8"],
    pa.decimal128(38, 10): ["0.1", "-3"], pa.decimal256(76, 3): ["1.125", "-5"], pa.date32(): ["2024-02-29", "1969-12-31"],
    pa.date64(): ["2024-02-29", "1969-12-31"], pa.string(): ["a", "\xe4"], pa.large_string(): ["a", "b"],
    pa.string_view(): ["a", "more than twelve bytes"], pa.binary(): ["a", "b"], pa.large_binary(): ["a", "b"],
    pa.binary_view(): ["a", "more than twelve bytes"], pa.binary(2): ["ab", "cd"],
    **{kind: ["0", "100"] for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(),
                                       pa.uint32(), pa.uint64())},
    **{pa.time32(unit): ["00:00:01", "23:59:59"] for unit in ("s", "ms")},
    **{pa.time64(unit): ["00:00:01.5", "23:59"] for unit in ("us", "ns")},
    **{pa.timestamp(unit): ["2024-02-29T01:02:03", "1969-12-31 00:00"] for unit in ("s", "ms", "us", "ns")},
    **{pa.timestamp(unit, "Europe/Berlin"): ["2024-02-29T01:02:03Z", "1969-12-31 00:00+01:00"]
       for unit in ("s", "ms", "us", "ns")},
    **{pa.duration(unit): ["1", "-2"] for unit in ("s", "ms", "us", "ns")},
}


@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_every_type_has_the_values_that_pyarrow_has(kind):
    texts = TEXTS[kind]
    data = ("a,n\n" + "".join(f"{text},1\n" for text in texts) + ",1\n").encode()
    made = pfs.read_csv(data, schema={"a": kind}).to_pyarrow()["a"].combine_chunks()
    made.validate(full=True)
    assert made.type == kind
    try:
        want = pa.array([*texts, None], pa.string()).cast(kind)
    except (pa.lib.ArrowNotImplementedError, pa.lib.ArrowInvalid):
        import decimal as numbers

        parse = {"h": float, "d": numbers.Decimal, "n": lambda _: None, "t": datetime.time.fromisoformat}.get(
            str(kind)[0], lambda text: text.encode())
        if pa.types.is_duration(kind):
            want = pa.array([*map(int, texts), None]).cast(kind)
        elif pa.types.is_date64(kind):
            want = pa.array([*texts, None]).cast(pa.date32()).cast(kind)
        else:
            want = pa.array([*map(parse, texts), None], kind)
    assert made.equals(want)
    if kind != pa.null() and kind != pa.bool_():
        for index in (pa.int8(), pa.uint16(), pa.int64()):
            coded = pfs.read_csv(data, schema={"a": pa.dictionary(index, kind)}).to_pyarrow()["a"].combine_chunks()
            coded.validate(full=True)
            assert coded.type == pa.dictionary(index, kind) and coded.to_pylist() == made.to_pylist()


def test_types_that_no_text_is_are_refused_by_name():
    nested = [pa.list_(pa.int8()), pa.large_list(pa.int8()), pa.list_(pa.int8(), 2), pa.struct({"x": pa.int8()}),
              pa.map_(pa.string(), pa.int8()), pa.month_day_nano_interval(), pa.dense_union([pa.field("x", pa.int8())]),
              pa.dictionary(pa.int8(), pa.bool_()), pa.run_end_encoded(pa.int32(), pa.int64())]
    for kind in nested:
        with pytest.raises(pfs.UnsupportedError, match='column "a"') as caught:
            columns("a\n1\n", schema={"a": kind})
        assert str(kind).partition("<")[0].split("[")[0] in str(caught.value)
    with pytest.raises(pfs.CSVError, match='column "a".*more different values.*int8'):
        columns("a\n" + "\n".join(map(str, range(130))), schema={"a": pa.dictionary(pa.int8(), pa.int64())})


def test_half_floats_are_rounded_once():
    import random

    import numpy

    chance = random.Random(11)
    texts = ["2049", "2049.0000000000000000001", "2048.9999999999999999999", "65519.9999999999999999", "5.96e-8",
             "2.98023223876953125e-8", "2.980232238769531250000000000001e-8", "0.0"]
    want = [2048, 2050, 2048, 65504, 5.960464477539063e-08, 0, 5.960464477539063e-08, 0]
    for _ in range(2000):
        number = chance.uniform(-1, 1) * 10 ** chance.randint(-8, 4)
        texts.append(repr(number))
        want.append(float(numpy.float16(number)))
    assert columns("a\n" + "\n".join(texts), schema={"a": "halffloat"})["a"] == want
    with pytest.raises(pfs.CSVError):
        columns("a\n65520\n", schema={"a": "halffloat"})


def test_types_of_other_libraries_are_known():
    import numpy
    import pandas
    import polars

    for kind, name in [
            (numpy.int32, "int32"), (numpy.dtype("float32"), "float"), (numpy.bool_, "bool"), ("datetime64[ns]", "timestamp[ns]"),
            ("datetime64[ms, UTC]", "timestamp[ms, tz=UTC]"), ("Int64", "int64"), ("UInt8", "uint8"), ("Float64", "double"),
            (pandas.Int16Dtype(), "int16"), (polars.Int64, "int64"), (polars.UInt8(), "uint8"), (polars.String, "string"),
            (polars.Datetime("ms", "UTC"), "timestamp[ms, tz=UTC]"), (polars.Datetime, "timestamp[us]"),
            (polars.Duration("ns"), "duration[ns]"), (polars.Date, "date32[day]"), (polars.Time, "time64[ns]"),
            (polars.Boolean, "bool"), (polars.Decimal(10, 2), "decimal128(10, 2)"), (polars.Float32, "float"),
            (polars.Binary, "binary"), (datetime.datetime, "timestamp[us]"), (datetime.timedelta, "duration[us]")]:
        assert pfs.read_csv(b"a\n", schema={"a": kind}).schema.types == [name]


# ---- Errors and rejects ---------------------------------------------------------------------------

WRONG = b'id,price\n1,2.5\n2,"x\ny"\n3,cheap\n4,1,9\n5\n6,7\n'
TYPES = {"id": "int64", "price": "double"}


def test_an_error_says_where_and_why(tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_bytes(b"id,price\n1,2.5\n2,cheap\n")
    for call in (pfs.read_csv, lambda *a, **k: list(pfs.scan_csv(*a, **k))):
        with pytest.raises(pfs.CSVError) as caught:
            call(path, schema=TYPES)
        problem = caught.value
        assert isinstance(problem, (pfs.FormatError, ValueError))
        assert (problem.line, problem.record, problem.column, problem.column_index) == (3, 2, "price", 1)
        assert (problem.offset, problem.value, problem.expected) == (17, "cheap", "double")
        for part in (str(path), "line 3", "price", "cheap", "double"):
            assert part in str(problem)
    import pickle

    assert pickle.loads(pickle.dumps(problem)).line == 3


def test_ragged_records():
    for data, line in ((b"a,b\n1,2\n3\n", 3), (b"a,b\n1,2,3\n", 2)):
        with pytest.raises(pfs.CSVError) as caught:
            pfs.read_csv(data)
        assert caught.value.line == line
    assert columns("a,b\n1\n", ragged="pad") == {"a": [1], "b": [None]}
    assert columns("a,b\n1,2,3\n", ragged="cut") == {"a": [1], "b": [2]}
    assert columns("a,b\n1,2,3\n4\n", ragged="pad_and_cut") == {"a": [1, 4], "b": [2, None]}
    table = pfs.read_csv(b"a,b\n1,2,3\n4\n5,6\n", ragged="skip")
    assert table.to_pydict() == {"a": [5], "b": [6]}
    assert table.rejects.to_pydict()["line"] == [2, 3]


def test_a_quote_that_does_not_end():
    with pytest.raises(pfs.CSVError) as caught:
        pfs.read_csv(b'a,b\n1,2\n3,"x\n4,5\n')
    assert (caught.value.line, caught.value.record, caught.value.offset) == (3, 2, 10)


@pytest.mark.parametrize("rule, ids, prices", [
    ("null", [1, 2, 3, 4, 5, 6], [2.5, None, None, 1.0, None, 7.0]), ("skip", [1, 6], [2.5, 7.0])])
def test_rejects(rule, ids, prices):
    table = pfs.read_csv(WRONG, schema=TYPES, on_error=rule)
    assert table.to_pydict() == {"id": ids, "price": prices}
    rejects = table.rejects.to_pydict()
    assert list(rejects) == [
        "line", "record", "column", "column_index", "byte_offset", "value", "expected", "reason"]
    assert rejects["line"] == [3, 5, 6, 7] and rejects["record"] == [2, 3, 4, 5]
    assert rejects["column"][:2] == ["price"] * 2 and rejects["value"][:2] == ['"x\ny"', "cheap"]
    assert WRONG[rejects["byte_offset"][1]:].startswith(b"cheap")
    assert table.reject_count == 4
    scan = pfs.scan_csv(WRONG, schema=TYPES, on_error=rule)
    assert [row for batch in scan for row in batch.to_pydict()["id"]] == ids
    assert scan.rejects.to_pydict() == rejects and scan.reject_count == 4
    few = pfs.read_csv(WRONG, schema=TYPES, on_error=rule, reject_limit=1)
    assert few.rejects.num_rows == 1 and few.reject_count == 4


def test_rejects_do_not_depend_on_threads_and_chunks():
    data = b"a,b\n" + b"".join(b"%d,%s\n" % (i, b"x" if i % 7 == 0 else b"1") for i in range(2000))
    usual = pfs.read_csv(data, schema={"b": int}, on_error="null", threads=1).rejects.to_pydict()
    assert len(usual["line"]) == 286
    for threads, size in ((2, 1000), (3, 77), (8, 4096)):
        got = pfs.read_csv(data, schema={"b": int}, on_error="null", threads=threads, chunk_size=size)
        assert got.rejects.to_pydict() == usual


# ---- Scans ----------------------------------------------------------------------------------------


def test_scans():
    data = b"a,b\n" + b"".join(b"%d,x%d\n" % (i, i) for i in range(1000)) + b"0.5,y\n"
    scan = pfs.scan_csv(data, batch_size=100, chunk_size=500, threads=2)
    assert scan.schema.types == ["double", "string"]
    batches = list(scan)
    assert max(batch.num_rows for batch in batches) <= 100
    assert sum(batch.num_rows for batch in batches) == 1001
    assert list(scan) == []
    assert pa.table(pfs.scan_csv(data)).equals(pfs.read_csv(data).to_pyarrow().combine_chunks())
    assert sum(len(batch) for batch in pfs.scan_csv(io.BytesIO(data), limit=150)) == 150
    import polars

    assert polars.DataFrame(pfs.scan_csv(data)).height == 1001


@pytest.mark.parametrize("layout", [
    pa.string_view(), pa.large_string(), pa.string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_streams_honour_the_layouts_that_are_asked_for(layout):
    data = b"a,s\n" + b"".join(b"%d,%s\n" % (i, b"" if i % 5 == 0 else b"some text %d" % (i % 7)) for i in range(500))
    wanted = pa.schema({"a": pa.string(), "s": layout})
    plain = pfs.read_csv(data).to_pyarrow()

    def scan(**options):
        return pfs.scan_csv(data, batch_size=100, chunk_size=700, threads=2, **options)

    begun = scan()
    first = next(begun).num_rows
    for source, skipped in (
            (scan(), 0), (begun, first), (scan(schema={"s": "dictionary"}), 0), (pfs.read_csv(data), 0),
            (pfs.read_csv(data, chunk_size=700), 0), (pfs.read_csv(data).slice(7, 300), 7)):
        table = pa.RecordBatchReader.from_stream(source, wanted).read_all()
        table.validate(full=True)
        assert table.schema.types == [pa.int64(), layout]
        assert table["s"].to_pylist() == plain["s"].slice(skipped, table.num_rows).to_pylist()
    array = pa.array(pfs.read_csv(b"s\nx\n")["s"], layout)
    assert array.type == layout and array.to_pylist() == ["x"]


# ---- Sniffing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_sniffing(delimiter, quote, tmp_path):
    rows = [["id", "text", "price"], *(
        [str(i), f"{quote}a{delimiter} b{quote}", f"{i}.5"] for i in range(20))]
    path = tmp_path / "some.csv"
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows))
    found = pfs.sniff_csv(path)
    assert isinstance(found, dict) and found["delimiter"] == delimiter and found["quote"] == quote
    assert found["has_header"] is True and 0.5 < found.confidence <= 1 and found.records == 21
    assert found["schema"] == {"id": "int64", "text": "string", "price": "double"}
    table = pfs.read_csv(path, **found)
    assert table.to_pydict()["text"] == [f"a{delimiter} b"] * 20


def test_sniffing_knows_what_it_is_told(tmp_path):
    found = pfs.sniff_csv("x\nä;1\nb;2\n".encode("latin-1"), encoding="latin-1", skip_rows=1)
    assert found["encoding"] == "latin-1" and found["skip_rows"] == 1 and found["has_header"] is False
    with pytest.raises(pfs.CSVError):
        pfs.sniff_csv(b"")


# ---- Settings, threads, processes -----------------------------------------------------------------


def test_the_chunk_size_and_threads_of_the_settings_are_used(monkeypatch):
    data = b"a\n" + b"1\n" * 1000
    assert len(list(pfs.read_csv(data).iter_batches())) == 1
    pfs.set_config(csv_chunk_size=100)
    assert len(list(pfs.read_csv(data).iter_batches())) == 20
    pfs.set_config(csv_chunk_size=None)
    monkeypatch.setenv("PARQUETFRAME_CSV_CHUNK_SIZE", "200")
    assert len(list(pfs.read_csv(data).iter_batches())) == 10
    assert len(list(pfs.read_csv(data, chunk_size=1000).iter_batches())) == 2
    monkeypatch.setenv("PARQUETFRAME_CSV_THREADS", "2")
    assert pfs.get_config()["csv_threads"] == 2
    assert pfs.read_csv(data).num_rows == 1000
    monkeypatch.setenv("PARQUETFRAME_CSV_THREADS", "none")
    with pytest.raises(pfs.ArgumentError):
        pfs.read_csv(data)


def test_many_threads_read_at_once():
    data = b"a,b\n" + b"1,x\n" * 50_000
    counts = []
    workers = [threading.Thread(target=lambda: counts.append(pfs.read_csv(data, chunk_size=10_000).num_rows))
               for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counts == [50_000] * 6


def test_the_child_of_a_fork_reads(fresh):
    code = """
import os, signal
import parquetframe_swift as pfs
data = b"a\\n" + b"1\\n" * 300_000
pfs.read_csv(data, threads=2, chunk_size=50_000)
pid = os.fork()
if pid == 0:
    signal.alarm(30)
    good = pfs.read_csv(data, threads=2, chunk_size=50_000).num_rows == 300_000
    good = good and sum(len(b) for b in pfs.scan_csv(data, threads=2)) == 300_000
    os._exit(0 if good else 3)
print(os.waitpid(pid, 0)[1])
"""
    assert fresh(code, timeout=90) == "0\n"


def test_ctrl_c_stops_reads_and_scans(fresh):
    code = """
import io, os, signal, threading, time
import parquetframe_swift as pfs

class Slow(io.BytesIO):
    def read(self, count=-1):
        time.sleep(0.01)
        return super().read(min(count, 64))

data = b"a,b\\n" + b"1,x\\n" * 100_000
pfs.read_csv(data)
for call in (lambda: pfs.read_csv(Slow(data)), lambda: list(pfs.scan_csv(Slow(data)))):
    sent = []
    def strike():
        time.sleep(0.3)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=strike).start()
    try:
        call()
    except KeyboardInterrupt:
        print(time.perf_counter() - sent[0] < 0.3)
    else:
        print("was not stopped")
print(pfs.read_csv(data).num_rows)
"""
    assert fresh(code).split() == ["True", "True", "100000"]


def test_a_token_stops_a_read():
    token = pfs.CancellationToken()
    token.cancel()
    for call in (pfs.read_csv, lambda *a, **k: list(pfs.scan_csv(*a, **k))):
        with pytest.raises(pfs.CancelledError):
            call(b"a\n" + b"1\n" * 10, cancel=token)


# ---- The fallback ---------------------------------------------------------------------------------


def on_fallback(monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT_IO", "1")


@pytest.mark.parametrize("data, options", [
    (SMALL, {}), (SMALL, {"columns": ["price"]}), (SMALL, {"limit": 2}), (SMALL, {"infer_schema": False}),
    (b"1;x\n2;y\n", {"delimiter": ";", "has_header": False}), (b"a,b\n1,x\n", {"column_names": ["p", "q"]}),
    (b"d,t\n2024-01-02,2024-01-02 03:04:05\n", {}), (b"a,b\n1.5,x\n", {"schema": {"a": "decimal128(10, 2)"}}),
    (b"a,a\n1,2\n", {}), (b"a,b\nNA,x\n", {"null_values": ["NA"]}), ("a\nä\n".encode("latin-1"), {"encoding": "latin-1"}),
    (gzip.compress(SMALL), {}), (b"a,b\n1,'x,y'\n", {"quote": "'"}), (b"q\na,b\n1,x\n", {"skip_rows": 1}),
])
def test_the_fallback_gives_the_same(data, options, monkeypatch):
    table = pfs.read_csv(data, **options)
    batches = list(pfs.scan_csv(data, **options))
    on_fallback(monkeypatch)
    other = pfs.read_csv(data, **options)
    assert repr(other.schema) == repr(table.schema)
    assert other.to_pydict() == table.to_pydict()
    assert other.rejects.schema == table.rejects.schema
    assert [b.to_pydict() for b in pfs.scan_csv(data, **options)] == [b.to_pydict() for b in batches]


def test_the_fallback_joins_sources_and_lays_out_strings(monkeypatch):
    on_fallback(monkeypatch)
    assert pfs.read_csv([SMALL, io.BytesIO(SMALL)]).num_rows == 6
    with pytest.raises(pfs.CSVError, match="<bytes>: other columns"):
        pfs.read_csv([b"a\n1\n", b"b\n1\n"])
    assert pfs.read_csv([b"a\n1\n", b"b\n1\n"], union_by_name=True).to_pydict() == {
        "a": [1, None], "b": [None, 1]}
    wanted = pa.schema({"id": pa.int64(), "name": pa.dictionary(pa.int32(), pa.string()), "price": pa.float64()})
    for source in (pfs.read_csv(SMALL), pfs.scan_csv(SMALL)):
        assert pa.RecordBatchReader.from_stream(source, wanted).read_all().schema.equals(wanted)
    given = {"a": "bool", "b": "fixed_size_binary[2]", "c": pa.dictionary(pa.int32(), pa.int64())}
    table = pfs.read_csv(b"a,b,c\n1,xy,7\n0,zw,8\n", schema=given)
    assert table.schema.types == ["bool", "fixed_size_binary[2]", "dictionary<values=int64, indices=int32, ordered=0>"]
    assert pfs.read_csv(SMALL, reject_limit=1).reject_count == 0


@pytest.mark.parametrize("engine", [True, False])
def test_strings_come_in_the_layout_that_is_asked_for(engine, monkeypatch):
    if not engine:
        on_fallback(monkeypatch)
    for layout, kind in (("utf8", "string"), ("large_utf8", "large_string"), ("utf8_view", "string_view"),
                         ("dictionary", "dictionary<values=string, indices=int32, ordered=0>")):
        for asked in (layout, {"name": layout}):
            table = pfs.read_csv(SMALL, string_output=asked)
            assert table.schema.types == ["int64", kind, "double"] and table.to_pydict() == EXPECTED
            assert table.rejects.num_rows == 0
            scan = pfs.scan_csv(SMALL, batch_size=2, string_output=asked)
            assert scan.schema == table.schema
            assert [row for batch in scan for row in batch.to_pydict()["name"]] == EXPECTED["name"]
    for call in (pfs.read_csv, pfs.scan_csv):
        with pytest.raises(pfs.UnknownColumnError):
            call(SMALL, string_output={"nome": "utf8_view"})
        with pytest.raises(pfs.ArgumentError, match="string_output"):
            call(SMALL, string_output="utf7")


def test_the_fallback_says_what_it_cannot_do(monkeypatch, tmp_path):
    on_fallback(monkeypatch)
    for options in ({"comment": "#"}, {"on_error": "skip"}, {"ragged": "pad"}, {"delimiter": "||"},
                    {"datetime_formats": "%d.%m.%Y"}, {"encoding_errors": "replace"}, {"trim": "both"}):
        with pytest.raises(pfs.UnsupportedError, match=next(iter(options))):
            pfs.read_csv(SMALL, **options)
    with pytest.raises(pfs.CSVError):
        pfs.read_csv(b"a,b\n1\n")
    assert pfs.sniff_csv(b"a;b\n1;x\n2;y\n3;z\n")["delimiter"] == ";"
    (tmp_path / "a.csv").write_bytes(SMALL)
    (tmp_path / "b.csv").write_bytes(SMALL)
    assert pfs.read_csv(tmp_path).num_rows == 6
    assert sum(len(batch) for batch in pfs.scan_csv(tmp_path)) == 6


def test_tables_that_are_not_from_csv_have_no_rejects():
    assert pfs.table(pa.table({"a": [1]})).rejects is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_read_takes_little_memory_beside_its_result(tmp_path, fresh, threads):
    lines = "".join(
        f"{number},{number * 7 % 1000}.25,name {number % 77},a text of a usual length,2024-02-{10 + number % 19}\n"
        for number in range(20_000))
    path = tmp_path / "table.csv"
    path.write_text("id,price,name,text,day\n" + lines * 50)
    code = f"""
import parquetframe_swift as pfs

def memory(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(name + ":"))

# What the library itself takes is not counted.
pfs.read_csv({str(path)!r}, limit=1000)
before = memory("VmRSS")
table = pfs.read_csv({str(path)!r}, threads={threads}, chunk_size=1 << 20)
peak = memory("VmHWM")
import pyarrow
print(peak - before - pyarrow.table(table).nbytes)
"""
    # The chunks that are parsed and a fifth more; and 8 MiB for code that was not used before and what
    # the allocator keeps for each thread, of which from 3 to 6 were seen.
    assert int(fresh(code)) < 1.2 * threads * (1 << 20) + (8 << 20)
