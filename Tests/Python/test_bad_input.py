"""Bad files: the right exception, and never a crash, a hang or a memory blow-up."""

import json
import pathlib

import pytest

import parquetframe_swift as pfs

READS = [pfs.read_parquet, pfs.scan_parquet, pfs.parquet_metadata, pfs.row_count]


@pytest.mark.parametrize("call", READS)
def test_missing_file(call, tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        call(tmp_path / "gone.parquet")
    assert caught.value.filename == str(tmp_path / "gone.parquet")


def test_directory(tmp_path):
    with pytest.raises(IsADirectoryError):
        pfs.parquet_metadata(tmp_path)


def test_forbidden_file(tmp_path, flat_path):
    import os

    path = tmp_path / "mine.parquet"
    path.write_bytes(pathlib.Path(flat_path).read_bytes())
    path.chmod(0)
    if os.geteuid() == 0:
        pid = os.fork()  # root may read everything: try as nobody
        if pid == 0:
            try:
                tmp_path.parent.parent.chmod(0o755)
                for folder in (tmp_path, tmp_path.parent):
                    folder.chmod(0o755)
                os.setuid(65534)
                pfs.row_count(path)
            except PermissionError:
                os._exit(0)
            except BaseException:
                os._exit(2)
            os._exit(1)
        assert os.waitpid(pid, 0)[1] == 0
    else:
        with pytest.raises(PermissionError):
            pfs.row_count(path)


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize("content", [
    b"", b"PAR1PAR", b"PAR1PAR1", b"not a Parquet file at all", b"PAR1" + b"\0" * 4 + b"PAR1",
    b"PAR1" + b"\xff\xff\xff\xff" + b"PAR1", b"PAR1" + b"x" * 20 + b"\xff\xff\xff\x7f" + b"PAR1",
    b"PAR1" + b"\x15" * 20 + b"\x14\0\0\0" + b"PAR2"], ids=repr)
@pytest.mark.parametrize("form", ["path", "bytes", "object"])
def test_not_a_parquet_file(call, content, form, tmp_path):
    import io

    if form == "path":
        source = tmp_path / "bad.parquet"
        source.write_bytes(content)
    else:
        source = content if form == "bytes" else io.BytesIO(content)
    with pytest.raises(pfs.FormatError) as caught:
        call(source)
    assert str(caught.value)
    if form == "path" and call is not pfs.scan_parquet:
        assert caught.value.offset is None or caught.value.offset >= 0


def test_encrypted_footer_names_the_feature(tmp_path):
    content = b"PARE" + b"\0" * 40 + b"\x20\0\0\0" + b"PARE"
    with pytest.raises(pfs.UnsupportedError, match="(?i)encrypt") as caught:
        pfs.read_parquet(content)
    assert caught.value.feature


PROBE = """
import faulthandler, io, json, resource, signal, sys
import parquetframe_swift as pfs

resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
good = open({path!r}, "rb").read()
footer = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
expected = pfs.read_parquet(good).to_pydict()
seen = {{}}

def attempt(data, what):
    signal.alarm(20)
    try:
        pfs.parquet_metadata(data).to_dict()
        result = pfs.read_parquet(data).to_pydict()
        kind = "same" if result == expected else "different"
    except pfs.Error as problem:
        kind = type(problem).__name__
    except UnicodeDecodeError:
        kind = "not UTF-8"
    except (MemoryError, OSError, OverflowError, ValueError) as problem:
        kind = "other: " + type(problem).__name__ + " " + str(problem)[:100] + " " + what
    seen[kind] = seen.get(kind, 0) + 1

{body}
print(json.dumps(seen))
"""

PREFIXES = """
for length in range(len(good)):
    attempt(good[:length], f"prefix {length}")
"""

FLIPS = """
for place in range({start}, len(good)):
    for mask in (0x01, 0x80, 0xff):
        data = bytearray(good)
        data[place] ^= mask
        attempt(bytes(data), f"flip {mask} at {place}")
"""


def test_every_prefix_is_refused(fresh, small_path):
    seen = json.loads(fresh(PROBE.format(path=small_path, body=PREFIXES), timeout=300))
    assert set(seen) <= {"FormatError", "UnsupportedError"}, seen
    assert sum(seen.values()) == len(pathlib.Path(small_path).read_bytes())


@pytest.mark.parametrize("start", ["footer", "4"])
def test_every_flip_is_an_error_or_an_answer(fresh, small_path, start):
    body = FLIPS.replace("{start}", start)
    seen = json.loads(fresh(PROBE.format(path=small_path, body=body), timeout=600))
    allowed = {"same", "different", "FormatError", "UnsupportedError", "LimitError", "not UTF-8"}
    assert set(seen) <= allowed, seen
    assert seen["FormatError"] > 10


@pytest.mark.parametrize("call", [pfs.read_parquet, lambda data: list(pfs.scan_parquet(data))])
def test_errors_in_pages_say_where(call, flat):
    import io

    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(flat.select(["i32", "text"]), out, row_group_size=300, use_dictionary=False)
    chunk = pq.read_metadata(out).row_group(1).column(1)
    data = bytearray(out.getvalue())
    data[chunk.data_page_offset] = 0xFF
    with pytest.raises(pfs.FormatError) as caught:
        call(bytes(data))
    found = caught.value
    assert (found.row_group, found.column) == (1, "text")
    assert chunk.data_page_offset <= found.offset < chunk.data_page_offset + 20
    assert 'row group 1, column "text"' in str(found)


def test_a_claim_of_two_billion_items_costs_nothing(fresh):
    """Thrift: field 2 (schema) as a list of 2^31 - 1 structs, in a footer of a few bytes."""
    code = """
import resource
import parquetframe_swift as pfs
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
footer = b"\\x15\\x02\\x19\\xfc\\xff\\xff\\xff\\xff\\x07"
try:
    pfs.read_parquet(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
except pfs.Error as problem:
    print(type(problem).__name__)
# Not ru_maxrss, which begins with the size of the process that started this one.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(peak < 200_000)
"""
    kind, small = fresh(code).split()
    assert kind in ("FormatError", "LimitError") and small == "True"


def test_nesting_ten_thousand_deep_is_refused(fresh):
    code = """
import parquetframe_swift as pfs
for footer in (b"\\x1c" * 10_000, b"\\x19" + b"\\x19" * 10_000, b"\\x15\\x02" + b"\\x8c\\x1c" * 10_000):
    try:
        pfs.read_parquet(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    except pfs.Error as problem:
        print(type(problem).__name__)
"""
    assert set(fresh(code).split()) <= {"FormatError", "LimitError"}
    assert len(fresh(code).split()) == 3


def test_a_file_that_shrinks_under_the_reader_is_an_error(tmp_path, flat):
    import os

    import pyarrow.parquet as pq

    path = tmp_path / "shrinks.parquet"
    pq.write_table(flat, path)
    metadata = pfs.parquet_metadata(path)
    scan = pfs.scan_parquet(path, batch_size=10)
    os.truncate(path, 100)
    with pytest.raises((pfs.Error, OSError)):
        list(scan)
    assert metadata.num_rows == 1000
