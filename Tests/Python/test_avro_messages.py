"""`decode_avro`: records that stand alone, which fastavro writes."""

import array
import io
import json
import struct

import fastavro
import polars
import pyarrow as pa
import pytest
from random_avro import plain_table, written

import parquetframe_swift as pfs

OLD = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}
NEW = {"type": "record", "name": "r", "fields": [
    {"name": "a", "type": "long"}, {"name": "c", "type": ["null", "double"], "default": None}]}
OLD_ROWS = [{"a": 1, "b": "x"}, {"a": -2, "b": "é"}]
NEW_ROWS = [{"a": 2**40, "c": None}, {"a": 4, "c": 0.5}]


def encoded(schema, row) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema, _write_hint=False), row)
    return out.getvalue()


def fingerprint(schema) -> int:
    return pfs.avro_metadata(written(schema, [])).fingerprint


def single(schema, row) -> bytes:
    return b"\xc3\x01" + struct.pack("<Q", fingerprint(schema)) + encoded(schema, row)


def confluent(number: int, schema, row) -> bytes:
    return b"\0" + struct.pack(">I", number) + encoded(schema, row)


def test_records_alone():
    messages = [encoded(OLD, row) for row in OLD_ROWS]
    for source in (messages, tuple(messages), iter(messages), [bytearray(each) for each in messages],
                   [memoryview(each) for each in messages], pa.array(messages), polars.Series(messages)):
        table = pfs.decode_avro(source, OLD)
        assert table.to_pylist() == OLD_ROWS
        assert table.schema.types == ["int32", "string"]
    assert pfs.decode_avro(messages, OLD, columns=["b"]).to_pydict() == {"b": ["x", "é"]}
    reader = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "double"}]}
    assert pfs.decode_avro(messages, OLD, reader).to_pydict() == {"a": [1.0, -2.0]}
    assert pfs.decode_avro([], OLD).schema.names == ["a", "b"]
    assert pfs.decode_avro([b"\x02", b"\x04"], "long").to_pydict() == {"value": [1, 2]}


def test_messages_of_wide_items():
    record = {"type": "record", "name": "r", "fields": [{"name": "a", "type": {"type": "fixed", "name": "f", "size": 4}}]}
    message = memoryview(array.array("H", [1, 2]))
    assert pfs.decode_avro([message, message], record).to_pydict() == {"a": [bytes(message)] * 2}


def test_single_objects():
    messages = [single(OLD, OLD_ROWS[0]), single(NEW, NEW_ROWS[1])]
    numbers = {fingerprint(OLD): OLD, fingerprint(NEW): NEW}
    expected = [{"a": 1, "c": None}, {"a": 4, "c": 0.5}]
    for schemas in ([NEW, OLD], numbers, numbers.__getitem__):
        table = pfs.decode_avro(messages, framing="single_object", schemas=schemas, reader_schema=NEW)
        assert table.to_pylist() == expected
    with pytest.raises(pfs.Error):
        pfs.decode_avro(messages, framing="single_object", schemas=[OLD])
    with pytest.raises(pfs.AvroError, match="C3 01") as caught:
        pfs.decode_avro([*messages, b"\xc3\x02"], framing="single_object", schemas=[NEW, OLD], reader_schema=NEW)
    assert caught.value.message_index == 2


def test_numbers_of_a_registry():
    asked = []

    def registry(number: int):
        asked.append(number)
        return {7: OLD, 300: NEW}[number]

    messages = [confluent(300, NEW, row) for row in NEW_ROWS] + [confluent(7, OLD, row) for row in OLD_ROWS]
    table = pfs.decode_avro(messages, framing="confluent", schemas=registry)
    assert table.to_pylist() == [*NEW_ROWS, {"a": 1, "c": None}, {"a": -2, "c": None}]
    assert sorted(asked) == [7, 300]
    with pytest.raises(KeyError):
        pfs.decode_avro([confluent(8, OLD, OLD_ROWS[0])], framing="confluent", schemas=registry)


def test_many_messages_are_one_table():
    rows = [{"a": index, "b": str(index)} for index in range(70_000)]
    table = pfs.decode_avro([encoded(OLD, row) for row in rows], OLD)
    assert table.to_pylist() == rows


def test_unions_and_their_layouts():
    schema = {"type": "record", "name": "r", "fields": [{"name": "u", "type": ["int", "string"]}]}
    messages = [encoded(schema, {"u": value}) for value in (1, "x")]
    assert plain_table(pfs.decode_avro(messages, schema).to_pyarrow()) == {"u": [(0, 1), (1, "x")]}
    table = pfs.decode_avro(messages, schema, union_layout="struct")
    assert table.to_pydict() == {"u": [{"int": 1, "string": None}, {"int": None, "string": "x"}]}


def test_what_is_wrong_is_told_with_the_message():
    good = encoded(OLD, OLD_ROWS[0])
    for bad in (b"", good[:-1], good + b"\0", b"\x02\x10x"):
        with pytest.raises(pfs.AvroError) as caught:
            pfs.decode_avro([good, bad], OLD)
        assert caught.value.message_index == 1
        assert "message 1" in str(caught.value)
        with pytest.raises(pfs.AvroError, match="the message|a size of|follow the record of the message") as caught:
            pfs.decode_avro([bad], OLD)
        assert caught.value.message_index is None
    with pytest.raises(TypeError, match="message 1"):
        pfs.decode_avro([good, "x"], OLD)
    with pytest.raises(TypeError):
        pfs.decode_avro([good])
    with pytest.raises(pfs.ArgumentError, match="framing"):
        pfs.decode_avro([good], OLD, framing="mine")
    with pytest.raises(pfs.ArgumentError, match="schema"):
        pfs.decode_avro([good], "strin")
    with pytest.raises(pfs.UnknownColumnError):
        pfs.decode_avro([good], OLD, columns=["z"])


@pytest.fixture
def both(monkeypatch):
    """Runs a call on the engine and on the fallback."""

    def run(call):
        answers = []
        for disabled in ("0", "1"):
            monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT", disabled)
            answers.append(call())
        return answers

    return run


def test_the_fallback_gives_the_same(both):
    alone = [encoded(OLD, row) for row in OLD_ROWS]
    reader = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "double"}]}
    objects = [single(OLD, OLD_ROWS[0]), single(NEW, NEW_ROWS[1])]
    numbered = [confluent(300, NEW, row) for row in NEW_ROWS] + [confluent(7, OLD, row) for row in OLD_ROWS]
    registry = {7: OLD, 300: NEW}
    for call in (
            lambda: pfs.decode_avro(alone, OLD),
            lambda: pfs.decode_avro([memoryview(part) for part in alone], json.dumps(OLD)),
            lambda: pfs.decode_avro(alone, OLD, columns=["b"]),
            lambda: pfs.decode_avro(alone, OLD, reader),
            lambda: pfs.decode_avro([], OLD),
            lambda: pfs.decode_avro([], framing="confluent", schemas=registry),
            lambda: pfs.decode_avro([b"\x02", b"\x04"], "long"),
            lambda: pfs.decode_avro([b"\x02\x02a", b"\x00"], ["null", "string"]),
            lambda: pfs.decode_avro(objects, framing="single_object", schemas=[NEW, OLD], reader_schema=NEW),
            lambda: pfs.decode_avro(
                objects, framing="single_object", schemas={fingerprint(OLD): OLD, fingerprint(NEW): NEW},
                reader_schema=NEW),
            lambda: pfs.decode_avro(numbered, framing="confluent", schemas=registry),
            lambda: pfs.decode_avro(numbered, framing="confluent", schemas=registry.__getitem__)):
        ours, theirs = both(call)
        assert ours.shape == theirs.shape
        assert ours.to_pylist() == theirs.to_pylist()
        assert ours.schema == theirs.schema


def test_errors_of_the_fallback(both):
    good = encoded(OLD, OLD_ROWS[0])

    def attempt(call):
        with pytest.raises((pfs.Error, KeyError, TypeError)) as caught:
            call()
        return type(caught.value), getattr(caught.value, "message_index", None)

    for call in (
            lambda: pfs.decode_avro([good, good[:-1]], OLD),
            lambda: pfs.decode_avro([good[:-1]], OLD),
            lambda: pfs.decode_avro([good, good + b"\0"], OLD),
            lambda: pfs.decode_avro([good, "x"], OLD),
            lambda: pfs.decode_avro([good], OLD, columns=["z"]),
            lambda: pfs.decode_avro([good], "{"),
            lambda: pfs.decode_avro([good, good], framing="confluent", schemas={1: OLD}),
            lambda: pfs.decode_avro([confluent(8, OLD, OLD_ROWS[0])], framing="confluent", schemas={1: OLD}),
            lambda: pfs.decode_avro([confluent(8, OLD, OLD_ROWS[0])], framing="confluent", schemas={1: OLD}.__getitem__)):
        ours, theirs = both(lambda call=call: attempt(call))
        assert ours == theirs


def test_what_the_fallback_lacks(monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT", "1")
    with pytest.raises(pfs.UnsupportedError, match="union_layout"):
        pfs.decode_avro([b"\x02"], "long", union_layout="struct")
