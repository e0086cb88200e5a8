"""The command line, run as a process on files that pyarrow wrote."""

from __future__ import annotations

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import time
import unicodedata

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ESCAPE = "\x1b"


def binary() -> str:
    candidates = [os.environ.get("PFRAME_BINARY")]
    candidates += [ROOT / ".build" / build / "pframe" for build in ("release", "debug")]
    for path in filter(None, candidates):
        if os.path.exists(path):
            return str(path)
    raise FileNotFoundError("no pframe: build it, or set PFRAME_BINARY")


def environment(**changes: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM")}
    return {**clean, "TERM": "xterm", **changes}


def pframe(*words, env=None, check=None, cwd=None):
    """Runs the program to its end; `check` is the exit status that it must have."""
    done = subprocess.run(
        [binary(), *map(str, words)], capture_output=True, text=True, encoding="utf-8",
        env=environment(**(env or {})), cwd=cwd, timeout=60)
    if check is not None:
        assert done.returncode == check, done
    return done


def shown(*words, **options) -> str:
    """What a call that must succeed writes."""
    done = pframe(*words, check=0, **options)
    assert done.stderr == ""
    return done.stdout


def on_terminal(*words, env=None, columns=80) -> str:
    """What the program writes to a terminal of that width."""
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [binary(), *map(str, words)], stdin=slave, stdout=slave, stderr=slave,
        env=environment(**(env or {})))
    os.close(slave)
    text = read_all(master)
    assert process.wait(10) == 0, text
    return text.replace("\r\n", "\n")


def read_all(descriptor: int) -> str:
    """Everything until the other end is closed."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()


def display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.fixture
def table():
    n = 100
    return pa.table({
        "id": pa.array(range(n), pa.int64()),
        "name": pa.array([None if i % 7 == 0 else f"städte{i % 9}東京" for i in range(n)]),
        "price": pa.array([i / 4 for i in range(n)], pa.float64()),
        "day": pa.array([19_723 + i for i in range(n)], pa.int32()).cast(pa.date32()),
        "at": pa.array([1_704_067_200_000_000 + i for i in range(n)], pa.int64()).cast(
            pa.timestamp("us", "UTC")),
        "sum": pa.array(range(-50, 50), pa.int64()).cast(pa.decimal128(19, 0)).cast(
            pa.decimal128(21, 2)),
    })


@pytest.fixture
def path(table, tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=30)
    return path


@pytest.fixture
def big(tmp_path):
    """A file that takes the program seconds to show whole."""
    path = tmp_path / "big.parquet"
    pq.write_table(pa.table({f"c{i}": range(1_000_000) for i in range(4)}), path)
    return path


# ---- help, version, usage ---------------------------------------------------------------------


def test_help_names_every_command_and_status():
    text = shown("--help")
    for command in ("head", "schema", "meta", "count", "sniff", "graph", "workflow run"):
        assert re.search(rf"^  {command} +\w", text, re.MULTILINE)
    for status in ("0", "1", "2", "130"):
        assert re.search(rf"^  {status} +\w", text, re.MULTILINE)
    assert shown("-h") == shown("help") == text


@pytest.mark.parametrize("command", ["head", "schema", "meta", "count", "sniff", "graph"])
def test_help_of_a_command_names_its_options(command):
    text = shown(command, "--help")
    for option in ("--json", "--color WHEN", "-h, --help"):
        assert option in text
    assert ("--row-groups" in text) == (command == "head")
    assert shown("help", command) == text
    assert shown(command, "no such file", "-h") == text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_version_is_that_of_the_other_faces():
    version = re.fullmatch(r"pframe (\d+\.\d+\.\d+)\n", shown("--version")).group(1)
    assert shown("-V") == f"pframe {version}\n"
    import parquetframe_swift

    assert version == parquetframe_swift.__version__


@pytest.mark.parametrize(
    "words, message",
    [
        ([], "a command is missing"),
        (["hed", "f"], 'unknown command "hed"; did you mean "head"?'),
        (["--versio"], 'unknown option "--versio"; did you mean "--version"?'),
        (["head"], "a file is missing"),
        (["head", "--jsn", "f"], 'unknown option "--jsn"; did you mean "--json"?'),
        (["count", "--rows", "3", "f"], 'unknown option "--rows"'),
        (["head", "f", "--rows"], "--rows needs a value"),
        (["head", "--json=yes", "f"], "--json takes no value"),
        (["head", "-n", "ten", "f"], '--rows: "ten" is not a whole number of 0 or more'),
        (["head", "-n", "-1", "f"], '--rows: "-1" is not a whole number of 0 or more'),
        (["head", "-n", "9" * 30, "f"], f'--rows: "{"9" * 30}" is not a whole number'),
        (["head", "--row-groups", "0,x", "f"], '--row-groups: "x" is not a whole number'),
        (["head", "--color", "red", "f"], '--color: "red" is not one of auto, always, never'),
    ])
def test_wrong_usage_says_what_and_where_help_is(words, message):
    done = pframe(*words, check=2)
    first, second = done.stderr.splitlines()
    assert first.startswith(f"pframe: {message}")
    assert re.fullmatch(r'Try "pframe( head| count)? ?--help"\.', second)
    assert done.stdout == ""


# ---- head -------------------------------------------------------------------------------------


def test_head_shows_names_types_and_rows(path):
    lines = shown("head", path).splitlines()
    assert lines[0].split() == ["id", "name", "price", "day", "at", "sum"]
    assert lines[1].split()[:4] == ["int64", "string", "double", "date32[day]"]
    assert lines[3].split() == [
        "0", "null", "0.0", "2024-01-01", "2024-01-01", "00:00:00Z", "-50.00"]
    assert len(lines) == 3 + 10 + 1
    assert lines[-1] == "10 rows × 6 columns, of 100 rows"


@pytest.mark.parametrize("words", [["-n", "3"], ["-n3"], ["--rows", "3"], ["--rows=3"]])
def test_rows_of_head(path, words):
    assert shown("head", *words, path).splitlines()[-1] == "3 rows × 6 columns, of 100 rows"


def test_head_shows_no_more_rows_than_there_are(path):
    lines = shown("head", "-n", "1000000000000", path).splitlines()
    assert len(lines) == 3 + 100 + 1
    assert lines[-1] == "100 rows × 6 columns"
    assert shown("head", "-n", "0", path).splitlines()[-1] == "0 rows × 6 columns, of 100 rows"


def test_head_of_chosen_columns_and_row_groups(path):
    lines = shown("head", "-c", "price,id", "--row-groups", "3,0", "-n", "11", path).splitlines()
    assert lines[0].split() == ["price", "id"]
    assert [line.split()[1] for line in lines[3:14]] == [*map(str, range(90, 100)), "0"]
    assert lines[-1] == "11 rows × 2 columns, of 40 rows"


def test_columns_may_be_given_twice_and_hold_commas(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"a,b": [1], "c\\d": [2], "e": [3]}), path)
    rows = json.loads(shown("head", "--json", "-c", r"e,a\,b", "-c", r"c\d", path))
    assert rows == [{"e": 3, "a,b": 1, "c\\d": 2}]


def test_head_as_json_has_every_value(path, table):
    rows = json.loads(shown("head", "--json", "-n", "50", path))
    assert [row["id"] for row in rows] == list(range(50))
    assert [row["name"] for row in rows] == table["name"].to_pylist()[:50]
    assert [row["price"] for row in rows] == table["price"].to_pylist()[:50]
    assert [row["day"] for row in rows] == [str(day) for day in table["day"].to_pylist()[:50]]
    assert rows[1]["sum"] == "-49.00"


def test_wide_characters_are_aligned(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(
        pa.table({"東京": ["日本語", "a", "é", "🙂"], "end": ["1", "2", "3", "4"]}), path)
    for command in (["head"], ["schema"], ["meta"]):
        lines = shown(*command, path).splitlines()
        rule = next(i for i, line in enumerate(lines) if line.startswith("──"))
        start = len(lines[rule].split("  ")[0]) + 2
        for line in lines[rule - 1:rule + 3]:
            before = ""
            while display_width(before) < start:
                before = line[:len(before) + 1]
            assert display_width(before) == start and before.endswith("  "), line


def test_hostile_text_cannot_act_on_the_terminal(tmp_path):
    path = tmp_path / "f\n.parquet"
    evil = "\x1b]0;owned\x07\r\n\u202e"
    pq.write_table(pa.table({evil: [evil]}).replace_schema_metadata({evil: "v"}), path)
    for command in ("head", "schema", "meta"):
        text = shown(command, path, path)
        assert not set("\x1b\x07\r\u202e") & set(text)
    error = pframe("count", str(path) + evil, check=1).stderr
    assert error.count("\n") == 1 and ESCAPE not in error


# ---- schema, meta, count ----------------------------------------------------------------------


def test_schema_shows_both_types(path):
    text = shown("schema", path)
    assert re.search(r"^name +optional +BYTE_ARRAY +STRING +string$", text, re.MULTILINE)
    assert re.search(
        r"^at +optional +INT64 +TIMESTAMP\(MICROS, UTC\) +timestamp\[us, tz=UTC\]$", text,
        re.MULTILINE)
    assert re.search(
        r"^sum +optional +FIXED_LEN_BYTE_ARRAY\(9\) +DECIMAL\(21, 2\) +decimal128\(21, 2\)$", text,
        re.MULTILINE)


def test_schema_indents_children(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"list": [[1]], "struct": [{"x": 1}], "i": [1]}), path)
    lines = shown("schema", path).splitlines()
    assert [line.split("  o")[0].split("  r")[0].rstrip() for line in lines[2:]] == [
        "list", "  list", "    element", "struct", "  x", "i"]
    fields = json.loads(shown("schema", "--json", path))["fields"]
    assert [field["path"] for field in fields] == [
        "list", "list.list", "list.list.element", "struct", "struct.x", "i"]
    assert fields[1]["repetition"] == "REPEATED" and fields[1]["physical_type"] is None
    assert fields[-1] == {
        "path": "i", "name": "i", "repetition": "OPTIONAL", "physical_type": "INT64",
        "type_length": None, "logical_type": None, "field_id": None, "arrow_type": "int64"}


def test_meta_summarises_the_file_and_each_column(path):
    text = shown("meta", path)
    assert re.search(r"^file +.*a\.parquet \(\d+\.\d KiB\)$", text, re.MULTILINE)
    assert re.search(r"^created by +parquet-cpp", text, re.MULTILINE)
    assert re.search(r"^rows +100$", text, re.MULTILINE)
    assert re.search(r"^row groups +4 \(10 to 30 rows each\)$", text, re.MULTILINE)
    assert re.search(r"^columns +6$", text, re.MULTILINE)
    lines = {line.split()[0]: line for line in text.splitlines() if "SNAPPY" in line}
    meta = pq.read_metadata(path)
    assert set(lines) == set(meta.schema.names)
    assert re.search(r"RLE_DICTIONARY +SNAPPY .* 15  städte0東京 +städte8東京$", lines["name"])
    assert re.search(r" 0 +2024-01-01 +2024-04-09$", lines["day"])
    assert re.search(r" 2024-01-01T00:00:00\+00:00 +2024-01-01T00:00:00.000099\+00:00$", lines["at"])
    assert re.search(r" 0 +-50\.00 +49\.00$", lines["sum"])
    assert re.search(r" 0 +0\.0 +24\.75$", lines["price"])
    # Sizes are those of all row groups.
    stored = sum(meta.row_group(i).column(0).total_compressed_size for i in range(4))
    expected = f"{stored} B" if stored < 1024 else f"{stored / 1024:.1f} KiB"
    assert expected in lines["id"]


def test_meta_shows_nothing_that_one_row_group_does_not_say(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"x": [1], "y": [2]}), path, write_statistics=["x"])
    lines = shown("meta", path).splitlines()
    assert lines[-2].split()[-3:] == ["0", "1", "1"]
    assert lines[-1].split()[-1] == "?"


def test_meta_leaves_chunks_of_nulls_out_of_the_bounds(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"x": [5, 3, None, None]}), path, row_group_size=2)
    assert shown("meta", path).splitlines()[-1].split()[-3:] == ["2", "3", "5"]


def test_meta_as_json_is_the_whole_footer(path):
    document = json.loads(shown("meta", "--json", path))
    meta = pq.read_metadata(path)
    assert document["num_rows"] == 100 and document["num_row_groups"] == 4
    for i, group in enumerate(document["row_groups"]):
        for j, column in enumerate(group["columns"]):
            expected = meta.row_group(i).column(j)
            assert column["path"] == expected.path_in_schema
            assert column["total_compressed_size"] == expected.total_compressed_size


def test_count(path, tmp_path):
    other = tmp_path / "b.parquet"
    pq.write_table(pa.table({"x": range(7)}), other)
    assert shown("count", path) == "100\n"
    assert shown("count", "a.parquet", "b.parquet", cwd=tmp_path) == (
        "100  a.parquet\n  7  b.parquet\n107  total\n")
    assert json.loads(shown("count", "--json", path)) == {"file": str(path), "rows": 100}
    documents = shown("count", "--json", path, other).splitlines()
    assert [json.loads(line) for line in documents] == [
        {"file": str(path), "rows": 100}, {"file": str(other), "rows": 7}, {"total": 107}]


def test_several_files_have_headings_or_a_document_each(path):
    text = shown("head", "-n", "1", path, path)
    assert text.count(f"==> {path} <==\n") == 2 and text.count("1 row × 6 columns") == 2
    decoder, rest, documents = json.JSONDecoder(), shown("head", "-n1", "--json", path, path), []
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    assert len(documents) == 2 and documents[0] == documents[1]


def test_empty_tables(tmp_path):
    for name, table in [("e", pa.table({})), ("z", pa.table({"x": pa.array([], pa.int64())}))]:
        path = tmp_path / f"{name}.parquet"
        pq.write_table(table, path)
        assert shown("head", path).splitlines()[-1].startswith("0 rows × ")
        assert json.loads(shown("head", "--json", path)) == []
        assert shown("count", path) == "0\n"
        assert shown("schema", path) and shown("meta", path)


# ---- errors -----------------------------------------------------------------------------------


def test_errors_name_the_file_and_the_cause(path, tmp_path):
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(path.read_bytes()[:-5])
    empty = tmp_path / "empty.parquet"
    empty.write_bytes(b"")
    for command in ("head", "schema", "meta", "count"):
        for json_option in ([], ["--json"]):
            def error(name, command=command, json_option=json_option):
                done = pframe(command, *json_option, name, check=1, cwd=tmp_path)
                assert done.stderr.count("\n") == 1
                return done.stderr

            assert error("nowhere") == "pframe: nowhere: no such file\n"
            directory = error(".")
            assert ("is a directory" if command == "meta" else "cut.parquet") in directory
            assert error("cut.parquet").startswith("pframe: cut.parquet")
            assert error("empty.parquet").startswith("pframe: empty.parquet")


def test_a_bad_file_does_not_hide_the_others(path):
    done = pframe("count", "nowhere", path, check=1)
    assert done.stderr == "pframe: nowhere: no such file\n"
    assert done.stdout == f"100  {path}\n100  total\n"


def test_what_does_not_exist_in_the_file(path):
    done = pframe("head", "-c", "nam", path, check=1)
    assert 'no column "nam"; the nearest are "name"' in done.stderr
    done = pframe("head", "--row-groups", "4", path, check=1)
    assert "row group 4 does not exist; there are 4" in done.stderr


def test_files_with_names_of_options(path, tmp_path):
    os.rename(path, tmp_path / "--json")
    assert shown("count", "--", "--json", cwd=tmp_path) == "100\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_an_output_that_cannot_be_written_is_an_error(path):
    with open("/dev/full", "w") as full:
        done = subprocess.run([binary(), "count", path], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.startswith(b"pframe: standard output: ")


# ---- pipes, terminals, signals ----------------------------------------------------------------


def test_a_reader_that_stops_early_ends_it_quietly(big):
    # Python ignores SIGPIPE; `restore_signals=False` hands that down, as some parents do.
    for restore in (True, False):
        process = subprocess.Popen(
            [binary(), "head", "-n", "100000", str(big)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, restore_signals=restore)
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(30) in (0, -signal.SIGPIPE)


def test_no_escapes_when_piped(path):
    for command in ("head", "schema", "meta", "count"):
        assert ESCAPE not in shown(command, path, path)


def test_colors_are_asked_for_or_found(path):
    assert ESCAPE in shown("head", "--color", "always", path)
    assert ESCAPE in shown("head", "--color=always", path, env={"NO_COLOR": "1"})
    for command in ("head", "schema", "meta"):
        assert ESCAPE in on_terminal(command, path)
        assert ESCAPE not in on_terminal(command, path, "--color", "never")
        assert ESCAPE not in on_terminal(command, path, env={"NO_COLOR": "1"})
        assert ESCAPE not in on_terminal(command, path, env={"TERM": "dumb"})
        assert ESCAPE in on_terminal(command, path, env={"NO_COLOR": ""})


@pytest.mark.parametrize("columns", [60, 90])
def test_tables_fit_the_terminal(path, columns):
    for command in ("head", "schema"):
        text = on_terminal(command, path, "--color", "never", columns=columns)
        assert columns - 30 < max(map(display_width, text.splitlines())) <= columns
    assert "…" in on_terminal("head", path, "--color", "never", columns=60)


def test_metadata_that_does_not_fit_goes_on_below(path):
    text = shown("meta", path, env={"COLUMNS": "70"})
    blocks = [block for block in text.split("\n\n") if block.startswith("column ")]
    assert len(blocks) > 1
    for block in blocks:
        lines = block.splitlines()
        assert [line.split()[0] for line in lines[2:]] == ["id", "name", "price", "day", "at", "sum"]
        assert max(map(display_width, lines)) <= 70
    # Nothing is lost.
    titles = [title for block in blocks for title in block.splitlines()[0].split("  ") if title]
    assert [title.strip() for title in titles if title.strip() != "column"] == [
        "type", "logical type", "encodings", "codec", "compressed", "uncompressed", "ratio",
        "pages", "nulls", "min", "max"]


def test_columns_of_the_environment_win(path):
    text = on_terminal("head", path, "--color", "never", env={"COLUMNS": "40"}, columns=200)
    assert max(map(display_width, text.splitlines())) <= 40


def test_long_work_shows_progress_and_takes_it_back(big, tmp_path):
    master, slave = pty.openpty()
    with open(tmp_path / "out", "w") as out:
        process = subprocess.Popen(
            [binary(), "head", "-n", "1000000", big], stdout=out, stderr=slave, env=environment())
        os.close(slave)
        text = read_all(master)
        assert process.wait(60) == 0
    assert f"{big} …" in text
    assert text.endswith("\r\x1b[K")
    # No line is left behind.
    assert "\n" not in text


def test_short_work_shows_no_progress(path):
    assert "…" not in on_terminal("head", "-c", "id", path)


def test_an_interrupt_ends_it_at_once(big):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [binary(), "head", "-n", "1000000", big], stdin=slave, stdout=subprocess.DEVNULL,
        stderr=slave, env=environment(), start_new_session=True,
        # Opening it makes it the terminal of the new session, which sends the signal.
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)))
    os.close(slave)
    assert "…" in os.read(master, 65536).decode()
    start = time.monotonic()
    os.write(master, b"\x03")
    # Shells show the death by SIGINT as 130.
    assert process.wait(10) == -signal.SIGINT
    assert time.monotonic() - start < 1
    assert read_all(master).endswith("\r\x1b[K")


def test_a_directory_is_one_table(tmp_path):
    for name, table in {
            "k=1/a": pa.table({"x": pa.array([1], pa.int32())}), "k=2/b": pa.table({"x": [2, 3]})}.items():
        (tmp_path / name).parent.mkdir()
        pq.write_table(table, tmp_path / f"{name}.parquet")
    assert shown("count", tmp_path) == "3\n"
    assert json.loads(shown("head", "--json", tmp_path))[2] == {"x": 3, "k": 2}
    assert [line.split() for line in shown("schema", tmp_path).splitlines()[-2:]] == [
        ["x", "optional", "int64"],
        ["k", "optional", "dictionary<values=int32,", "indices=int32,", "ordered=0>"]]
    assert shown("count", f"{tmp_path}/k=[12]/*.parquet") == "3\n"


# ---- CSV --------------------------------------------------------------------------------------

CSV = "id;name;price\n1;Äpfel;1.5\n2;'pears; green';2\n3;;\n"


@pytest.fixture(params=["some.csv", "some.txt", "some.tsv", "nameless", "some.csv.gz", "some.dat.gz"])
def csv_path(request, tmp_path):
    import gzip

    path = tmp_path / request.param
    path.write_bytes(gzip.compress(CSV.encode()) if request.param.endswith(".gz") else CSV.encode())
    return path


def test_csv_is_known_by_its_name_or_content(csv_path):
    assert shown("count", csv_path) == "3\n"
    rows = json.loads(shown("head", "--json", csv_path))
    assert rows == [
        {"id": 1, "name": "Äpfel", "price": 1.5}, {"id": 2, "name": "pears; green", "price": 2.0},
        {"id": 3, "name": None, "price": None}]
    fields = json.loads(shown("schema", "--json", csv_path))["fields"]
    assert [(field["name"], field["arrow_type"]) for field in fields] == [
        ("id", "int64"), ("name", "string"), ("price", "double")]
    found = json.loads(shown("sniff", "--json", csv_path))
    assert (found["delimiter"], found["quote"], found["has_header"]) == (";", "'", True)
    assert 0.5 < found["confidence"] <= 1 and found["records"] == 4
    lines = shown("sniff", csv_path).splitlines()
    assert lines[0].split() == ["delimiter", ";"] and lines[-1].split() == ["price", "double"]


def test_head_of_csv_says_whether_there_is_more(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,x\n" * 20)
    assert shown("head", path).splitlines()[-1].endswith(", of more")
    assert "more" not in shown("head", "-n", "20", path)
    assert json.loads(shown("head", "-n", "2", "-c", "b", "--json", path)) == [{"b": "x"}] * 2


def test_the_schema_of_csv_is_that_of_all_its_values(tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("a,b\n" + "1,2\n" * 5000 + "x,2\n")
    lines = [line.split() for line in shown("schema", path).splitlines()[-2:]]
    assert lines == [["a", "optional", "string"], ["b", "optional", "int64"]]


def test_what_is_found_out_can_be_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1;x,y\n2;z,w\n")
    assert shown("count", "--no-header", path) == "2\n"
    rows = json.loads(shown("head", "--json", "--no-header", "--delimiter", ",", path))
    assert rows[0] == {"column_1": "1;x", "column_2": "y"}
    latin = tmp_path / "latin.csv"
    latin.write_bytes("a,b\nä,1\n".encode("latin-1"))
    assert json.loads(shown("head", "--json", "--encoding", "latin-1", latin)) == [{"a": "ä", "b": 1}]


def test_a_pattern_of_csv_is_one_table(tmp_path):
    for name, text in {"a": "x,y\n1,p\n", "b": "y,x\nq,2.5\n"}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    assert shown("count", f"{tmp_path}/*.csv") == "2\n"
    assert json.loads(shown("head", "--json", f"{tmp_path}/*.csv")) == [
        {"x": 1.0, "y": "p"}, {"x": 2.5, "y": "q"}]
    fields = json.loads(shown("schema", "--json", f"{tmp_path}/*.csv"))["fields"]
    assert [field["arrow_type"] for field in fields] == ["double", "string"]


def test_errors_of_csv_name_the_place(tmp_path):
    path = tmp_path / "ragged.csv"
    path.write_text("a,b\n1,2\n3\n")
    for command in ("head", "schema", "count"):
        error = pframe(command, path, check=1).stderr
        assert error.startswith(f"pframe: {path}, line 3, record 2") and error.count("\n") == 1
    assert "metadata of CSV" in pframe("meta", path, check=1).stderr
    assert "row_groups" in pframe("head", "--row-groups", "0", path, check=1).stderr


def test_sniff_is_for_csv_alone(path):
    assert "not supported" in pframe("sniff", path, check=1).stderr


def test_a_directory_without_parquet_is_one_of_csv(tmp_path):
    for name, text in (("a", "x,y\n1,p\n"), ("b", "x,y\n2,q\n")):
        (tmp_path / f"{name}.csv").write_text(text)
    assert shown("count", tmp_path) == "2\n"
    assert json.loads(shown("head", "--json", tmp_path)) == [{"x": 1, "y": "p"}, {"x": 2, "y": "q"}]


# ---- Avro -------------------------------------------------------------------------------------


@pytest.fixture(params=["some.avro", "some.AVRO", "nameless", "some.dat"])
def avro_path(request, tmp_path):
    from test_avro import DATA

    path = tmp_path / request.param
    path.write_bytes(DATA)
    return path


def test_avro_is_known_by_its_name_or_content(avro_path):
    assert shown("count", avro_path) == "3\n"
    assert json.loads(shown("count", "--json", avro_path)) == {"file": str(avro_path), "rows": 3}
    rows = json.loads(shown("head", "--json", "-n", "2", "-c", "city,id", avro_path))
    assert rows == [{"city": "Oslo", "id": 1}, {"city": None, "id": 2}]
    assert shown("head", "-n", "2", avro_path).splitlines()[-1].endswith(", of 3 rows")
    assert "of" not in shown("head", avro_path).splitlines()[-1].split()


def test_the_schema_of_avro_has_both_types(avro_path):
    found = json.loads(shown("schema", "--json", avro_path))
    assert found["file"] == str(avro_path) and found["schema"]["name"].endswith("ride")
    assert found["fields"][1] == {
        "name": "city", "avro_type": "null | string", "arrow_type": "string", "nullable": True}
    assert [field["avro_type"] for field in found["fields"]] == [
        "long", "null | string", "map of int", "array of record town.stop", "null | town.stop"]
    lines = [line.split() for line in shown("schema", avro_path).splitlines()]
    assert ["id", "required", "long", "int64"] in lines
    assert shown("schema", avro_path, avro_path).count("avro type") == 2


def test_the_metadata_of_avro(avro_path):
    import parquetframe_swift as pfs

    assert json.loads(shown("meta", "--json", avro_path)) == pfs.avro_metadata(avro_path).to_dict()
    lines = shown("meta", avro_path).splitlines()
    facts = dict(line.split(None, 1) for line in lines[:6])
    assert facts["codec"] == "null" and facts["records"] == "3" and facts["schema"] == "record town.ride"
    assert facts["blocks"] == "3 (1 record each)"
    assert any(line.split()[:2] == ["metadata", "who"] for line in lines)
    assert ["id", "long", "int64"] in [line.split() for line in lines]
    text = on_terminal("meta", "--json", avro_path)
    assert text.startswith("{\n")


def test_a_directory_or_pattern_of_avro_is_one_table(tmp_path):
    from test_avro import DATA

    for name in ("a", "b"):
        (tmp_path / f"{name}.avro").write_bytes(DATA)
    for source in (tmp_path, f"{tmp_path}/*.avro"):
        assert shown("count", source) == "6\n"
        assert len(json.loads(shown("head", "--json", source))) == 6
        assert len(json.loads(shown("schema", "--json", source))["fields"]) == 5
        assert pframe("meta", source, check=1).stderr
    assert shown("count", tmp_path / "a.avro", tmp_path / "b.avro").splitlines()[-1] == "6  total"


def test_errors_of_avro_name_the_place(tmp_path):
    from test_avro import DATA

    path = tmp_path / "cut.avro"
    path.write_bytes(DATA[:-20])
    for command in ("head", "meta", "count"):
        error = pframe(command, path, check=1).stderr
        assert error.startswith(f"pframe: {path}, block 2, byte ") and error.count("\n") == 1
    assert shown("schema", path)
    assert shown("head", "-n", "1", path).splitlines()[-1].endswith(", of more")
    assert "row_groups" in pframe("head", "--row-groups", "0", path, check=1).stderr
    assert "not supported" in pframe("sniff", path, check=1).stderr
    path.write_bytes(b"nothing of the kind")
    assert "no Avro file" in pframe("head", path, check=1).stderr
