"""Reading and scanning: columns, rows, sources, errors."""

import io
import pathlib
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import parquetframe_swift as pfs


def test_a_file_reads_as_pyarrow_reads_it(flat, flat_path):
    table = pfs.read_parquet(flat_path)
    assert table.num_rows == len(table) == 1000
    assert table.num_columns == 21 and table.shape == (1000, 21)
    assert table.column_names == flat.column_names
    assert table.to_pyarrow().equals(flat)


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
def test_the_answer_does_not_depend_on_threads(flat, flat_path, threads):
    assert pfs.read_parquet(flat_path, threads=threads).to_pyarrow().equals(flat)


def test_columns_come_in_the_order_asked_for(flat, flat_path):
    table = pfs.read_parquet(flat_path, columns=["text", "i64", "flag"])
    assert table.to_pyarrow().equals(flat.select(["text", "i64", "flag"]))
    assert pfs.read_parquet(flat_path, columns=[]).num_columns == 0


def test_row_groups(flat, flat_path):
    table = pfs.read_parquet(flat_path, row_groups=[1, 3])
    assert table.to_pyarrow().equals(pa.concat_tables([flat.slice(300, 300), flat.slice(900)]))


@pytest.mark.parametrize("limit", [0, 1, 299, 300, 301, 999, 1000, 5000])
def test_limit(flat, flat_path, limit):
    assert pfs.read_parquet(flat_path, limit=limit).to_pyarrow().equals(flat.slice(0, limit))
    scanned = [batch.to_pyarrow() for batch in pfs.scan_parquet(flat_path, batch_size=128, limit=limit)]
    assert pa.concat_tables([flat.slice(0, 0), *scanned]).equals(flat.slice(0, limit))


@pytest.mark.parametrize("batch_size", [1, 128, 300, 1000, 65_536])
def test_scan_gives_all_rows_in_batches_of_at_most_batch_size(flat, flat_path, batch_size):
    columns = ["i64", "text"]
    batches = list(pfs.scan_parquet(flat_path, batch_size=batch_size, columns=columns))
    assert all(isinstance(batch, pfs.RecordBatch) and 0 < len(batch) <= batch_size for batch in batches)
    assert pa.concat_tables(batch.to_pyarrow() for batch in batches).equals(flat.select(columns))


def test_a_scan_is_a_stream(flat, flat_path):
    scan = pfs.scan_parquet(flat_path, batch_size=100)
    assert scan.schema.names == flat.column_names
    first = next(scan)
    rest = pa.RecordBatchReader.from_stream(scan).read_all()
    assert pa.concat_tables([first.to_pyarrow(), rest]).equals(flat)
    assert list(scan) == []


def test_path_kinds(flat, flat_path):
    for source in (flat_path, pathlib.Path(flat_path)):
        assert pfs.read_parquet(source).to_pyarrow().equals(flat)
    assert pfs.read_parquet(flat_path, memory_map=True).to_pyarrow().equals(flat)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_memory(flat, flat_path, wrap):
    data = wrap(pathlib.Path(flat_path).read_bytes())
    table = pfs.read_parquet(data)
    del data
    assert table.to_pyarrow().equals(flat)


def test_memory_is_let_go(flat_path):
    import gc

    data = bytearray(pathlib.Path(flat_path).read_bytes())
    pfs.row_count(data)
    gc.collect()
    data.append(0)  # BufferError while something still holds the buffer


def test_file_objects(flat, flat_path):
    with open(flat_path, "rb") as file:
        assert pfs.read_parquet(file).to_pyarrow().equals(flat)
        assert pfs.row_count(file) == 1000
        metadata = pfs.parquet_metadata(file)
    assert metadata.to_dict()["num_rows"] == 1000
    assert pfs.read_parquet(io.BytesIO(pathlib.Path(flat_path).read_bytes())).to_pyarrow().equals(flat)


class Short(io.BytesIO):
    """Gives at most 100 bytes at a time, as sockets do, and watches for overlapping calls."""

    inside = False

    def read(self, count=-1):
        assert not Short.inside
        Short.inside = True
        try:
            return super().read(min(count, 100))
        finally:
            Short.inside = False


def test_file_objects_may_read_less_than_asked_and_are_called_one_at_a_time(flat, flat_path):
    assert pfs.read_parquet(Short(pathlib.Path(flat_path).read_bytes())).to_pyarrow().equals(flat)


class Broken(io.BytesIO):
    """Fails wherever it is read, or where its column data are."""

    def __init__(self, data, below):
        super().__init__(data)
        self.below = below

    def read(self, count=-1):
        if self.tell() < self.below:
            raise ZeroDivisionError("the cable was cut")
        return super().read(count)


@pytest.mark.parametrize("below", [10, 2**60])
def test_what_a_file_object_raises_comes_out(flat_path, below):
    data = pathlib.Path(flat_path).read_bytes()
    with pytest.raises(ZeroDivisionError, match="the cable was cut"):
        pfs.read_parquet(Broken(data, below))
    with pytest.raises(ZeroDivisionError, match="the cable was cut"):
        list(pfs.scan_parquet(Broken(data, below)))


def test_a_text_file_is_refused(flat_path):
    with open(flat_path, encoding="latin-1") as file, pytest.raises(TypeError, match="binary"):
        pfs.read_parquet(file)


@pytest.mark.parametrize("source", [None, 7, 1.5, object()])
def test_other_sources_are_a_type_error(source):
    with pytest.raises(TypeError, match="source"):
        pfs.read_parquet(source)


@pytest.fixture
def many(tmp_path):
    (tmp_path / "deep").mkdir()
    for number, name in enumerate(["a.parquet", "b.parquet", "deep/c.pq"]):
        pq.write_table(pa.table({"x": [number * 10 + i for i in range(3)]}), tmp_path / name)
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "notes.txt").write_text("not Parquet")
    return tmp_path


EXPECTED = [0, 1, 2, 10, 11, 12, 20, 21, 22]


def test_directories_lists_and_globs_come_in_sorted_order(many):
    assert pfs.read_parquet(many).to_pydict() == {"x": EXPECTED}
    paths = [many / "b.parquet", str(many / "a.parquet"), many / "deep" / "c.pq"]
    assert pfs.read_parquet(paths).to_pydict() == {"x": EXPECTED}
    assert pfs.read_parquet(f"{many}/*.parquet").to_pydict() == {"x": EXPECTED[:6]}
    assert pfs.read_parquet(f"{many}/**/*.p*q*").to_pydict() == {"x": EXPECTED}
    assert pfs.row_count(many) == 9
    assert pfs.column_names(many) == ["x"]
    assert [v for batch in pfs.scan_parquet(many, batch_size=2) for v in batch["x"]] == EXPECTED


@pytest.mark.parametrize("limit", [0, 2, 3, 4, 100])
def test_limit_over_many_files(many, limit):
    assert pfs.read_parquet(many, limit=limit).to_pydict() == {"x": EXPECTED[:limit]}
    scan = pfs.scan_parquet(many, limit=limit)
    assert [v for batch in scan for v in batch["x"]] == EXPECTED[:limit]


def test_a_file_whose_name_has_glob_marks(tmp_path):
    path = tmp_path / "a[1]*.parquet"
    pq.write_table(pa.table({"x": [1]}), path)
    assert pfs.row_count(path) == 1


def test_many_files_need_one_schema(many):
    pq.write_table(pa.table({"x": ["text"]}), many / "z.parquet")
    with pytest.raises(pfs.FormatError, match='z.parquet.*"x" is string in place of int64') as caught:
        pfs.read_parquet(many)
    assert caught.value.column == "x"
    with pytest.raises(pfs.FormatError, match="z.parquet"):
        list(pfs.scan_parquet(many))


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        pfs.read_parquet(tmp_path)
    with pytest.raises(FileNotFoundError):
        pfs.read_parquet(f"{tmp_path}/*.parquet")
    with pytest.raises(ValueError, match="empty"):
        pfs.read_parquet([])


def test_unknown_columns_name_the_nearest(flat_path):
    for call in (pfs.read_parquet, pfs.scan_parquet):
        with pytest.raises(KeyError, match="pricee") as caught:
            call(flat_path, columns=["pricee"])
        assert caught.value.name == "pricee"
        assert "price" in caught.value.nearest


def test_row_groups_out_of_range(flat_path, many):
    for bad in (4, 2**40, -1):
        with pytest.raises(IndexError):
            pfs.read_parquet(flat_path, row_groups=[bad])
    with pytest.raises(ValueError, match="single source"):
        pfs.read_parquet(many, row_groups=[0])


@pytest.mark.parametrize("arguments, error, match", [
    ({"limit": -1}, ValueError, "limit"),
    ({"threads": 0}, ValueError, "threads"),
    ({"columns": "i64"}, TypeError, "columns"),
    ({"columns": [1]}, TypeError, "columns"),
    ({"row_groups": 1}, TypeError, "row_groups"),
    ({"row_groups": ["x"]}, TypeError, "str"),
    ({"dictionary": "no such way"}, (ValueError, NotImplementedError), "dictionary"),
    ({"filters": []}, ValueError, "filters"),
])
def test_bad_arguments(flat_path, arguments, error, match):
    with pytest.raises(error, match=match):
        pfs.read_parquet(flat_path, **arguments)



def test_zero_rows_keep_the_schema(tmp_path, flat):
    pq.write_table(flat.slice(0, 0), tmp_path / "none.parquet")
    table = pfs.read_parquet(tmp_path / "none.parquet")
    assert table.to_pyarrow().equals(flat.slice(0, 0))
    assert table.to_pandas().shape == (0, 21)
    assert list(pfs.scan_parquet(tmp_path / "none.parquet")) == []
    assert pfs.scan_parquet(tmp_path / "none.parquet").schema.names == flat.column_names


def test_eight_threads_read_at_once(flat, flat_path):
    results = []

    def work():
        results.append(pfs.read_parquet(flat_path).to_pyarrow().equals(flat))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
