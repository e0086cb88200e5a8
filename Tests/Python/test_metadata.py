"""The footer, in numbers and for reading."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import parquetframe_swift as pfs


@pytest.fixture
def ours(flat_path):
    return pfs.parquet_metadata(flat_path)


def test_counts(ours, flat_path):
    theirs = pq.read_metadata(flat_path)
    assert ours.num_rows == theirs.num_rows and ours.num_columns == theirs.num_columns
    assert ours.num_row_groups == theirs.num_row_groups and ours.created_by == theirs.created_by
    assert ours.version == 2
    assert pfs.row_count(flat_path) == 1000


def test_schema_and_names(ours, flat, flat_path):
    assert ours.schema.names == flat.column_names
    assert pfs.column_names(flat_path) == flat.column_names
    assert pa.schema(ours.schema).names == flat.column_names


def test_everything_is_as_pyarrow_says(ours, flat_path):
    pfs.set_config(io_enabled=False)
    theirs = pfs.parquet_metadata(flat_path).to_dict()
    mine = ours.to_dict()
    for key in ("version", "created_by", "num_rows", "num_row_groups", "num_columns"):
        assert mine[key] == theirs[key], key
    assert mine["columns"] == theirs["columns"]
    assert mine["key_value_metadata"] == theirs["key_value_metadata"]
    for group, expected in zip(mine["row_groups"], theirs["row_groups"]):
        assert (group["num_rows"], group["total_byte_size"]) == (expected["num_rows"], expected["total_byte_size"])
        for chunk, wanted in zip(group["columns"], expected["columns"]):
            for key in set(wanted) - {"statistics", "encodings"}:
                assert chunk[key] == wanted[key], (wanted["path"], key)
            assert set(chunk["encodings"]) == set(wanted["encodings"])
            assert chunk["statistics"]["null_count"] == wanted["statistics"]["null_count"]


@pytest.mark.parametrize("name", ["i8", "i32", "u8", "u64", "f64", "flag", "text", "few"])
def test_statistics_are_typed(ours, flat, name):
    import pyarrow.compute as pc

    index = flat.column_names.index(name)
    statistics = ours.row_groups[0].columns[index].statistics
    expected = pc.min_max(flat[name].slice(0, 300)).as_py()
    assert (statistics.min, statistics.max) == (expected["min"], expected["max"])
    assert statistics["null_count"] == flat[name].slice(0, 300).null_count


def test_parts_are_attributes_and_mappings(ours):
    chunk = ours.row_groups[1].columns[0]
    assert chunk.path == "i8" and chunk["codec"] == chunk.codec == "SNAPPY"
    assert (chunk.path_in_schema, chunk.compression) == (chunk.path, chunk.codec)
    assert dict(chunk)["num_values"] == 300
    with pytest.raises(AttributeError, match="codec"):
        chunk.nonsense
    assert "codec" in dir(chunk) and "codec: SNAPPY" in repr(chunk)


def test_it_is_made_for_reading(ours):
    text = repr(ours)
    assert "1,000" in text and "text: BYTE_ARRAY (STRING)" in text
    assert "<table>" in ours._repr_html_()


def test_dotted_paths_of_nested_columns(tmp_path):
    path = tmp_path / "nested.parquet"
    pq.write_table(pa.table({"a": [{"b": [1, 2]}], "c": [1]}), path)
    assert pfs.column_names(path) == ["a.b.list.element", "c"]
    info = pfs.column_info(path)
    assert info[1] == {**info[1], "name": "c", "physical_type": "INT64", "nullable": True, "arrow_type": "int64"}


def test_the_file_may_go_before_the_details_are_asked_for(tmp_path, flat):
    path = tmp_path / "gone.parquet"
    pq.write_table(flat, path)
    metadata = pfs.parquet_metadata(path)
    path.unlink()
    assert metadata.to_dict()["num_rows"] == 1000


@pytest.fixture(scope="module")
def wide():
    """A file of which the footer is most: 6000 columns, two row groups."""
    sink = io.BytesIO()
    pq.write_table(
        pa.table({f"column {i}": [i, None] for i in range(6000)}), sink, row_group_size=1, use_dictionary=False)
    return sink.getvalue()


class Counted(io.BytesIO):
    """Counts the bytes that are read of it."""

    def __init__(self, content):
        super().__init__(content)
        self.count = 0

    def read(self, size=-1):
        found = super().read(size)
        self.count += len(found)
        return found


def test_of_a_wide_footer_its_start_is_read_alone(wide):
    names = [f"column {i}" for i in range(6000)]
    assert pq.read_metadata(io.BytesIO(wide)).serialized_size > 1_000_000
    for ask, answer in [
        (pfs.row_count, 2), (pfs.column_names, names),
        (lambda file: [column["path"] for column in pfs.column_info(file)], names)]:
        file = Counted(wide)
        assert ask(file) == answer
        assert file.count < 300_000


def test_the_parts_of_a_wide_footer_agree(wide):
    metadata = pfs.parquet_metadata(wide)
    assert (metadata.num_rows, metadata.num_row_groups, metadata.num_columns) == (2, 2, 6000)
    theirs = pq.read_schema(io.BytesIO(wide))
    assert metadata.schema.names == theirs.names
    assert metadata.schema.types == [str(type) for type in theirs.types]
    assert metadata.column_names() == [column["path"] for column in metadata.to_dict()["columns"]]
    assert pfs.column_statistics(wide, ["column 4711"])["column 4711"].max == 4711


def test_names_are_the_same_at_once_and_one_by_one(tmp_path):
    path = tmp_path / "names.parquet"
    pq.write_table(pa.table({"a": [1], "": [2], "wörter": [3], "日本": [4]}), path)
    schema = pfs.parquet_metadata(path).schema
    names = schema.names
    assert names == ["a", "", "wörter", "日本"] == [field.name for field in schema]


def _outcome(ask, source):
    try:
        return ask(source)
    except pfs.Error as problem:
        return str(problem).partition(": ")[2]  # without the name of the source


def _one(source):
    return [found.to_dict() for found in pfs.column_statistics(source, ["column 4711", "column 3"]).values()]


def _schema(source):
    return pa.schema(pfs.parquet_metadata(source).schema)


def test_a_wide_footer_says_the_same_read_in_any_way(wide):
    # Of memory and paths a long footer is decoded on two threads, of file objects on one.
    assert _one(wide) == _one(io.BytesIO(wide))
    everything = pfs.column_statistics(wide)
    assert _one(wide) == [everything[name].to_dict() for name in ("column 4711", "column 3")]
    assert _schema(wide) == _schema(io.BytesIO(wide))
    assert _outcome(lambda s: pfs.column_statistics(s, ["column 6000"]), wide) == _outcome(
        lambda s: pfs.column_statistics(s, ["column 6000"]), io.BytesIO(wide))
    metadata = pfs.parquet_metadata(wide)
    for index in (0, 5999, 17, 17, 300):
        name = f"column {index}"
        assert metadata.column_statistics([name], [0])[name].max == index
        assert metadata.column_statistics([name], [1])[name].max is None
    with pytest.raises(IndexError):
        pfs.column_statistics(wide, ["column 3"], [2])


def test_a_damaged_wide_footer_is_told_alike_read_in_any_way(wide):
    length = int.from_bytes(wide[-8:-4], "little")
    start = len(wide) - 8 - length
    groups = start + 300_000  # within the first row group
    behind = len(wide) - 8 - length // 2
    for place in [*range(groups, groups + 130), *range(behind, behind + 130)]:
        damaged = bytearray(wide)
        damaged[place] ^= 0xFF
        assert _outcome(_one, bytes(damaged)) == _outcome(_one, io.BytesIO(damaged)), place
    for length in (length - 1, length // 2, length // 2 + 1):  # a footer that says to begin later
        cut = wide[:-8] + length.to_bytes(4, "little") + b"PAR1"
        assert _outcome(_one, cut) == _outcome(_one, io.BytesIO(cut))
        assert _outcome(_schema, cut) == _outcome(_schema, io.BytesIO(cut))
