"""The features of the Parquet format, each read in a named file or refused by name.

`Specs/parquet.md` ends with the table that this file prints:
`python Tests/Python/test_features.py --write` puts it there anew.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from conftest import CORPORA, NO_CORPORA, ROOT

import parquetframe_swift as pfs

sys.path.insert(0, str(ROOT / "Tests" / "Fixtures"))
import make_feature_fixtures as made  # noqa: E402

PAGE = ROOT / "Specs" / "parquet.md"
MARKERS = ("<!-- features: begin -->\n", "<!-- features: end -->\n")
FOLDERS = {
    "testing": "parquet-testing/data", "variant": "parquet-testing/shredded_variant", "arrow": "arrow-testing",
    "java": "parquet-java/parquet-hadoop/src/test/resources", "wasm": "parquet-wasm/tests/data"}


def always(meta: dict, data: bytes) -> bool:
    return True


@dataclass
class File:
    """A file that is read: that it has the feature, and what it is read with."""

    name: str
    has: Callable[[dict, bytes], bool] = always
    options: dict = field(default_factory=dict)

    status = "read"

    def __str__(self) -> str:
        return f"`{self.path}`"


class Corpus(File):
    """A file of other people, which equals its golden; with options, what pyarrow reads with them."""

    @property
    def path(self) -> str:
        folder, _, rest = self.name.partition("/")
        return f"{FOLDERS[folder]}/{rest}"


class Fixture(File):
    """A file of ours, which equals what pyarrow reads."""

    @property
    def path(self) -> str:
        return f"Tests/Fixtures/{self.name}"


class Twins(Fixture):
    """A file of ours that pyarrow reads in part: its columns come in pairs of equals."""


@dataclass
class Refused:
    """What is refused with an error that says `text`: bytes, or a file of the corpus."""

    text: str
    source: Callable[[], bytes] | Corpus
    error: type = pfs.UnsupportedError
    options: dict = field(default_factory=dict)

    status = "refused"

    def __str__(self) -> str:
        return f"“{self.text}”"


# MARK: - What a file must have

def chunk(test=always, **equal):
    """A column chunk for which `test` holds and whose metadata has these values."""
    def has(meta: dict, data: bytes) -> bool:
        chunks = [chunk for group in meta["row_groups"] for chunk in group["columns"]]
        return any(
            all(chunk[key] == value for key, value in equal.items()) and test(chunk, data)
            for chunk in chunks)
    return has


def encoding(name: str, **equal):
    return chunk(lambda chunk, data: name in chunk["encodings"], **equal)


def codec(name: str):
    return chunk(codec=name)


def statistics(**known):
    return chunk(lambda chunk, data: chunk["statistics"] is not None and all(
        (chunk["statistics"][key] is not None) == there for key, there in known.items()))


def page_type(number: int, offset="data_page_offset", **equal):
    """A chunk whose first page there is of that type: the first field of its header."""
    return chunk(
        lambda chunk, data: data[chunk[offset]:chunk[offset] + 2] == bytes([0x15, number << 1]), **equal)


def node(**equal):
    """A node of the schema with these values."""
    def has(meta: dict, data: bytes) -> bool:
        nodes = meta["schema"][1:]
        return any(all(node[key] == value for key, value in equal.items()) for node in nodes)
    return has


def annotated(physical, logical, converted=None):
    return node(physical_type=physical, logical_type=logical, converted_type=converted)


def levels(definition: int, repetition: int):
    """A leaf so deep at least."""
    return lambda meta, data: any(
        leaf["max_definition_level"] >= definition and leaf["max_repetition_level"] >= repetition
        for leaf in meta["columns"])


# MARK: - Files that are refused

def integers(
        encoding=made.PLAIN, definitions=made.RLE, dictionary: int | None = None, **more
) -> Callable[[], bytes]:
    """A column of two INT32 values with something odd about it; `dictionary` is one's encoding."""
    pages = [made.page(2, made.runs((1, 2)) + made.integers(1, 2), encoding, definitions)]
    if dictionary is not None:
        pages.insert(0, made.dictionary_page(1, made.integers(1), dictionary))
    column = made.column(
        "n", made.INT32, 2, *pages, encodings=[encoding], dictionary=len(pages) > 1, **more)
    return lambda: made.file(2, [made.node("n", made.INT32, made.OPTIONAL)], [column])


def doubles(encoding: int, body: bytes) -> Callable[[], bytes]:
    column = made.column("n", made.DOUBLE, 1, made.page(1, body, encoding), encodings=[encoding])
    return lambda: made.file(1, [made.node("n", made.DOUBLE)], [column])


def decimal(precision: int) -> Callable[[], bytes]:
    schema = [made.node(
        "n", made.FIXED_LEN_BYTE_ARRAY, length=33, converted=5, precision=precision, scale=0)]
    column = made.column("n", made.FIXED_LEN_BYTE_ARRAY, 1, made.page(1, bytes(33)))
    return lambda: made.file(1, schema, [column])


# MARK: - The table

FEATURES = [
    ("Encodings", [
        ("0 PLAIN", Corpus("testing/alltypes_tiny_pages_plain.parquet", encoding("PLAIN"))),
        ("1 GROUP_VAR_INT, never used", Refused("encoding UNKNOWN(1) of INT32 values", integers(1))),
        ("2 PLAIN_DICTIONARY", Corpus("testing/alltypes_dictionary.parquet", encoding("PLAIN_DICTIONARY"))),
        ("3 RLE, levels", Corpus("testing/nullable.impala.parquet", encoding("RLE"))),
        ("3 RLE, booleans", Corpus(
            "testing/rle_boolean_encoding.parquet", encoding("RLE", physical_type="BOOLEAN"))),
        ("4 BIT_PACKED, levels", Twins("features/bit_packed.parquet", encoding("BIT_PACKED"))),
        ("5 DELTA_BINARY_PACKED", Corpus(
            "testing/delta_binary_packed.parquet", encoding("DELTA_BINARY_PACKED"))),
        ("6 DELTA_LENGTH_BYTE_ARRAY", Corpus(
            "testing/delta_length_byte_array.parquet", encoding("DELTA_LENGTH_BYTE_ARRAY"))),
        ("7 DELTA_BYTE_ARRAY", Corpus("testing/delta_byte_array.parquet", encoding("DELTA_BYTE_ARRAY"))),
        ("7 DELTA_BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY", Fixture(
            "encodings_v1.parquet", encoding("DELTA_BYTE_ARRAY", physical_type="FIXED_LEN_BYTE_ARRAY"))),
        ("8 RLE_DICTIONARY", Corpus("testing/rle-dict-snappy-checksum.parquet", encoding("RLE_DICTIONARY"))),
        ("9 BYTE_STREAM_SPLIT, FLOAT and DOUBLE", Corpus(
            "testing/byte_stream_split.zstd.parquet", encoding("BYTE_STREAM_SPLIT", physical_type="DOUBLE"))),
        ("9 BYTE_STREAM_SPLIT, INT32, INT64, FIXED_LEN_BYTE_ARRAY", Corpus(
            "testing/byte_stream_split_extended.gzip.parquet",
            encoding("BYTE_STREAM_SPLIT", physical_type="FIXED_LEN_BYTE_ARRAY"))),
        ("10 ALP", Twins("features/alp.parquet", encoding("ALP"))),
        ("10 ALP, modes of the future", Refused(
            "encoding ALP with compression mode 1 and integer encoding 0", doubles(10, bytes([1, 0])))),
        ("11 and more", Refused("encoding UNKNOWN(11) of INT32 values", integers(11))),
        ("an encoding of other types", Refused(
            "encoding DELTA_BINARY_PACKED of DOUBLE values", doubles(5, bytes(8)))),
        ("levels in another encoding", Refused("definition levels in PLAIN", integers(definitions=0))),
        ("a dictionary in another encoding", Refused("a dictionary in RLE", integers(8, dictionary=3))),
    ]),
    ("Codecs", [
        ("0 UNCOMPRESSED", Corpus("wasm/1-partition-none.parquet", codec("UNCOMPRESSED"))),
        ("1 SNAPPY", Corpus("wasm/1-partition-snappy.parquet", codec("SNAPPY"))),
        ("2 GZIP", Corpus("wasm/1-partition-gzip.parquet", codec("GZIP"))),
        ("2 GZIP, several members", Corpus("testing/concatenated_gzip_members.parquet", codec("GZIP"))),
        ("3 LZO", Refused("compression codec LZO", integers(codec=made.LZO))),
        ("4 BROTLI", Corpus("wasm/1-partition-brotli.parquet", codec("BROTLI"))),
        ("5 LZ4, Hadoop's framing", Corpus("testing/hadoop_lz4_compressed.parquet", codec("LZ4"))),
        ("5 LZ4, without it", Corpus("testing/non_hadoop_lz4_compressed.parquet", codec("LZ4"))),
        ("6 ZSTD", Corpus("wasm/1-partition-zstd.parquet", codec("ZSTD"))),
        ("7 LZ4_RAW", Corpus("testing/lz4_raw_compressed_larger.parquet", codec("LZ4_RAW"))),
        ("8 and more", Refused("compression codec UNKNOWN(8)", integers(codec=8))),
    ]),
    ("Physical types", [
        *((kind, Corpus("testing/alltypes_plain.snappy.parquet", node(physical_type=kind)))
          for kind in ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY")),
        ("FIXED_LEN_BYTE_ARRAY", Corpus(
            "testing/fixed_length_byte_array.parquet", node(physical_type="FIXED_LEN_BYTE_ARRAY"))),
        ("INT96 beyond its unit", Refused(
            'the option coerce_int96_timestamp_unit = "us" reaches further',
            Corpus("testing/int96_from_spark.parquet"),
            pfs.FormatError)),
    ]),
    ("Logical types, and the converted types before them", [
        ("STRING, UTF8", Corpus("wasm/string_view.parquet", annotated("BYTE_ARRAY", "STRING", "UTF8"))),
        ("ENUM", Fixture("features/annotations.parquet", annotated("BYTE_ARRAY", "ENUM", "ENUM"))),
        ("JSON", Fixture("features/annotations.parquet", annotated("BYTE_ARRAY", "JSON", "JSON"))),
        ("BSON", Fixture("features/annotations.parquet", annotated("BYTE_ARRAY", "BSON", "BSON"))),
        ("UUID", Fixture("features/annotations.parquet", annotated("FIXED_LEN_BYTE_ARRAY", "UUID"))),
        ("DECIMAL on INT32", Corpus(
            "testing/int32_decimal.parquet", annotated("INT32", "DECIMAL(4, 2)", "DECIMAL"))),
        ("DECIMAL on INT64", Corpus(
            "testing/int64_decimal.parquet", annotated("INT64", "DECIMAL(10, 2)", "DECIMAL"))),
        ("DECIMAL on FIXED_LEN_BYTE_ARRAY", Corpus(
            "testing/fixed_length_decimal.parquet",
            annotated("FIXED_LEN_BYTE_ARRAY", "DECIMAL(25, 2)", "DECIMAL"))),
        ("DECIMAL on BYTE_ARRAY", Corpus(
            "testing/byte_array_decimal.parquet", annotated("BYTE_ARRAY", "DECIMAL(4, 2)", "DECIMAL"))),
        ("DECIMAL, 39 to 76 digits", Fixture(
            "features/annotations.parquet", annotated("FIXED_LEN_BYTE_ARRAY", "DECIMAL(76, 2)", "DECIMAL"))),
        ("DECIMAL, more digits", Refused("decimals of precision 77", decimal(77))),
        ("DATE", Corpus("arrow/alltypes-java.parquet", annotated("INT32", "DATE", "DATE"))),
        ("TIME_MILLIS alone", Fixture(
            "features/annotations.parquet", node(physical_type="INT32", converted_type="TIME_MILLIS"))),
        ("TIME(MILLIS)", Corpus(
            "arrow/alltypes-java.parquet", annotated("INT32", "TIME(MILLIS, UTC)", "TIME_MILLIS"))),
        ("TIME(MICROS), TIME_MICROS", Fixture(
            "features/annotations.parquet", annotated("INT64", "TIME(MICROS, UTC)", "TIME_MICROS"))),
        ("TIME(NANOS)", Corpus("arrow/alltypes-java.parquet", annotated("INT64", "TIME(NANOS, UTC)"))),
        ("TIMESTAMP_MILLIS alone, which is UTC", Fixture(
            "features/annotations.parquet", node(physical_type="INT64", converted_type="TIMESTAMP_MILLIS"))),
        ("TIMESTAMP(MILLIS, UTC)", Corpus(
            "arrow/alltypes-java.parquet", annotated("INT64", "TIMESTAMP(MILLIS, UTC)", "TIMESTAMP_MILLIS"))),
        ("TIMESTAMP(MICROS, UTC), TIMESTAMP_MICROS", Fixture(
            "features/annotations.parquet",
            annotated("INT64", "TIMESTAMP(MICROS, UTC)", "TIMESTAMP_MICROS"))),
        ("TIMESTAMP(NANOS, UTC)", Corpus(
            "arrow/alltypes-java.parquet", annotated("INT64", "TIMESTAMP(NANOS, UTC)"))),
        ("TIMESTAMP(MILLIS), local", Corpus(
            "arrow/alltypes-java.parquet", node(physical_type="INT64", logical_type="TIMESTAMP(MILLIS)"))),
        ("TIMESTAMP(MICROS), local", Fixture(
            "features/annotations.parquet", annotated("INT64", "TIMESTAMP(MICROS)"))),
        ("TIMESTAMP(NANOS), local", Corpus(
            "arrow/alltypes-java.parquet", annotated("INT64", "TIMESTAMP(NANOS)"))),
        *((f"INT({bits}, {sign}), {converted}", Corpus(
            "arrow/alltypes-java.parquet",
            annotated("INT64" if bits == 64 else "INT32", f"INT({bits}, {sign})", converted)))
          for bits, sign, converted in [
              (8, "signed", "INT_8"), (16, "signed", "INT_16"), (8, "unsigned", "UINT_8"),
              (16, "unsigned", "UINT_16"), (32, "unsigned", "UINT_32"), (64, "unsigned", "UINT_64")]),
        *((f"INT({bits}, signed), INT_{bits}", Fixture(
            "features/annotations.parquet",
            annotated(f"INT{bits}", f"INT({bits}, signed)", f"INT_{bits}")))
          for bits in (32, 64)),
        ("FLOAT16", Corpus(
            "testing/float16_nonzeros_and_nans.parquet", annotated("FIXED_LEN_BYTE_ARRAY", "FLOAT16"))),
        ("INTERVAL, as its bytes", Fixture(
            "features/annotations.parquet",
            node(physical_type="FIXED_LEN_BYTE_ARRAY", converted_type="INTERVAL"))),
        ("UNKNOWN, all null", Corpus("testing/null_list.parquet", annotated("INT32", "NULL"))),
        ("VARIANT, as its storage", Corpus("variant/case-001.parquet", node(logical_type="VARIANT"))),
        ("GEOMETRY, as its bytes", Corpus(
            "testing/geospatial/geospatial.parquet", annotated("BYTE_ARRAY", "GEOMETRY"))),
        ("GEOGRAPHY, as its bytes", Corpus(
            "testing/geospatial/geography-points.parquet", annotated("BYTE_ARRAY", "GEOGRAPHY"))),
        ("a type of the future, as its storage", Corpus(
            "testing/unknown-logical-type.parquet", annotated("BYTE_ARRAY", "UNKNOWN(2555)"))),
    ]),
    ("Nested shapes", [
        ("struct", Corpus(
            "testing/nested_structs.rust.parquet",
            lambda meta, data: any("." in leaf["path"] for leaf in meta["columns"]))),
        ("list of three levels", Corpus("testing/list_columns.parquet", node(converted_type="LIST"))),
        ("list of lists of lists", Corpus("testing/nested_lists.snappy.parquet", levels(7, 3))),
        ("list of two levels: repeated field, group named `array`", Corpus(
            "testing/old_list_structure.parquet", node(name="array", repetition_type="REPEATED"))),
        ("list of two levels: group named `…_tuple`, group of several fields", Fixture(
            "features/legacy_lists.parquet", node(name="tuple_tuple", repetition_type="REPEATED"))),
        ("repeated field without annotation", Corpus(
            "testing/repeated_primitive_no_list.parquet",
            node(name="Int32_list", repetition_type="REPEATED"))),
        ("repeated group without annotation", Corpus(
            "testing/repeated_no_annotation.parquet", node(name="phone", repetition_type="REPEATED"))),
        ("map", Corpus("testing/nested_maps.snappy.parquet", node(logical_type="MAP"))),
        ("map by MAP_KEY_VALUE", Corpus(
            "testing/nullable.impala.parquet", node(converted_type="MAP_KEY_VALUE"))),
        ("map with keys that are said to be optional", Corpus(
            "testing/incorrect_map_schema.parquet", node(name="key", repetition_type="OPTIONAL"))),
        ("map without values, as a list of its keys", Corpus(
            "testing/map_no_value.parquet", node(name="my_map_no_v", logical_type="MAP"))),
        ("sixty groups deep", Fixture("features/deep.parquet", levels(60, 0))),
        ("deeper than `nesting_limit`", Refused(
            "the nesting of a column (option nesting_limit) is 101, the limit is 100",
            lambda: made.deep_file(101), pfs.LimitError)),
    ]),
    ("Pages", [
        ("data page v1", Corpus("testing/datapage_v1-uncompressed-checksum.parquet", page_type(0))),
        ("data page v2", Corpus("testing/delta_length_byte_array.parquet", page_type(3))),
        ("data page v2 without a byte", Corpus(
            "testing/datapage_v2_empty_datapage.snappy.parquet", page_type(3))),
        ("data page v2 whose values the codec left alone", Fixture(
            "features/pages.parquet", page_type(3, codec="SNAPPY"))),
        ("dictionary page", Corpus(
            "testing/plain-dict-uncompressed-checksum.parquet", page_type(2, "dictionary_page_offset"))),
        ("a dictionary's offset of 0", Corpus(
            "testing/dict-page-offset-zero.parquet",
            chunk(has_dictionary_page=False))),
        ("dictionary, then PLAIN; v1, then v2", Fixture(
            "features/pages.parquet", page_type(2, "dictionary_page_offset"))),
        ("index page, pages of the future: passed over", Fixture("features/pages.parquet", page_type(1))),
        ("more than 32 767 pages", Corpus("testing/overflow_i16_page_cnt.parquet")),
        ("pages of nulls alone", Corpus("testing/int32_with_null_pages.parquet")),
    ]),
    ("Skipping, with `filters`", [
        ("min_value, max_value", Corpus(
            "testing/sort_columns.parquet", statistics(min=True, max=True), {"filters": [("a", ">", 1)]})),
        ("shortened bounds", Corpus(
            "testing/binary_truncated_min_max.parquet", chunk(
                lambda chunk, data: (chunk["statistics"] or {}).get("is_max_exact") is False),
            {"filters": [("utf8_full_truncation", ">", "Jo")]})),
        ("bounds that a NaN spoils", Corpus(
            "testing/nan_in_stats.parquet", statistics(min=False, max=False), {"filters": [("x", ">", 0.5)]})),
        ("NaN counts, IEEE 754 order", Corpus(
            "testing/floating_orders_nan_count.parquet", statistics(nan_count=True),
            {"filters": [("double_ieee754", ">", 2.5)]})),
        ("column index", Corpus(
            "testing/alltypes_tiny_pages.parquet", chunk(has_column_index=True),
            {"filters": [("id", ">", 7000)]})),
        ("offset index", Corpus(
            "testing/alltypes_tiny_pages_plain.parquet", chunk(has_offset_index=True),
            {"filters": [("id", "in", [7, 5000])]})),
        ("bloom filter", Corpus(
            "testing/data_index_bloom_encoding_stats.parquet", chunk(has_bloom_filter=True),
            {"filters": [("String", "==", "Hello")]})),
        ("bloom filter with its length", Corpus(
            "testing/data_index_bloom_encoding_with_length.parquet", chunk(has_bloom_filter=True),
            {"filters": [("String", "==", "absent")]})),
    ]),
    ("Metadata", [
        ("size statistics", Corpus(
            "testing/binary_truncated_min_max.parquet", chunk(lambda chunk, data: chunk["size_statistics"]))),
        ("sorting columns", Corpus(
            "testing/sort_columns.parquet", lambda meta, data: meta["row_groups"][0]["sorting_columns"])),
        ("key-value metadata of a chunk", Corpus(
            "testing/column_chunk_key_value_metadata.parquet",
            chunk(lambda chunk, data: chunk["key_value_metadata"]))),
        ("row groups without rows", Corpus(
            "java/test-empty-row-group_3.parquet",
            lambda meta, data: any(not group["num_rows"] for group in meta["row_groups"]))),
        ("no columns", Corpus("wasm/empty.parquet", lambda meta, data: meta["num_columns"] == 0)),
    ]),
    ("Integrity and secrecy", [
        ("page checksums, with `verify_checksums`", Corpus(
            "testing/datapage_v1-snappy-compressed-checksum.parquet", always, {"verify_checksums": True})),
        ("a wrong checksum, with `verify_checksums`", Refused(
            "the page's checksum does not match its bytes",
            Corpus("testing/datapage_v1-corrupt-checksum.parquet"),
            pfs.FormatError, {"verify_checksums": True})),
        ("a wrong checksum, without", Corpus("testing/datapage_v1-corrupt-checksum.parquet")),
        ("encrypted footer", Refused(
            "modular encryption (encrypted footer)",
            Corpus("testing/encrypt_columns_and_footer.parquet.encrypted"))),
        ("encrypted columns", Refused(
            "modular encryption (encrypted column)",
            Corpus("testing/encrypt_columns_plaintext_footer.parquet.encrypted"))),
        ("columns whose metadata is encrypted", Refused(
            "a column chunk without metadata (encrypted column)", integers(hidden=True))),
        ("column chunks in other files", Refused(
            "a column chunk in another file", integers(file_path="other.parquet"))),
    ]),
]
ROWS = [(name, evidence) for _, rows in FEATURES for name, evidence in rows]


def table() -> str:
    """The text between the markers."""
    out = []
    for area, rows in FEATURES:
        out += ["", f"### {area}", "", "| feature | status | tested by |", "|---|---|---|"]
        out += [f"| {name} | {evidence.status} | {evidence} |" for name, evidence in rows]
    return "\n".join([*out[1:], ""])


def corpus_path(evidence: Corpus) -> pathlib.Path:
    if not CORPORA:
        pytest.skip(NO_CORPORA)
    return pathlib.Path(CORPORA) / "parquet" / evidence.path


# MARK: - Tests

def test_the_page_has_this_table():
    text = PAGE.read_text()
    assert text.endswith(MARKERS[1])
    assert text[text.index(MARKERS[0]) + len(MARKERS[0]):-len(MARKERS[1])] == table()


def test_no_feature_comes_twice():
    names = [(area, name) for area, rows in FEATURES for name, _ in rows]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("evidence", [pytest.param(evidence, id=name) for name, evidence in ROWS])
def test_a_feature_is_read_or_refused_as_the_table_says(evidence, request):
    if isinstance(evidence, Refused):
        refuses(evidence)
        return
    in_corpus = isinstance(evidence, Corpus)
    path = corpus_path(evidence) if in_corpus else ROOT / evidence.path
    assert evidence.has(pfs.parquet_metadata(path).to_dict(), path.read_bytes()), "it lacks the feature"
    if isinstance(evidence, Twins):
        equals_its_twin(path)
    elif in_corpus and not evidence.options:
        verdicts = request.getfixturevalue("verdicts")
        line = verdicts[path.relative_to(CORPORA).as_posix()]
        assert line["verdict"] in ("pass", "types"), line
    else:
        equals_pyarrow(path, evidence.options)


def refuses(evidence: Refused) -> None:
    source = evidence.source
    data = corpus_path(source) if isinstance(source, Corpus) else source()
    with pytest.raises(evidence.error) as caught:
        pfs.read_parquet(data, **evidence.options)
    assert type(caught.value) is evidence.error
    text = evidence.text
    if evidence.error is pfs.UnsupportedError:
        text += " is not supported"
    assert text in str(caught.value)


def equals_pyarrow(path: pathlib.Path, options: dict) -> None:
    """The same values; where pyarrow has another type for them (ENUM is binary), as ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from comparing import joined, same_values

    options = dict(options)
    theirs = pq.read_table(path, filters=options.get("filters"))
    ours = pfs.read_parquet(path, **options).to_pyarrow()
    assert ours.column_names == theirs.column_names and ours.num_rows == theirs.num_rows

    def storage(column) -> pa.Array:
        array = joined(column)
        return array.storage if isinstance(array, pa.ExtensionArray) else array

    for name, mine, other in zip(ours.column_names, ours.columns, theirs.columns):
        mine = storage(mine)
        same_values(mine, storage(other).cast(mine.type), name)


def equals_its_twin(path: pathlib.Path) -> None:
    import pyarrow.parquet as pq

    ours = pfs.read_parquet(path).to_pyarrow()
    for plain, other in zip(ours.column_names[::2], ours.column_names[1::2]):
        theirs = pq.read_table(path, columns=[plain])[plain]
        assert ours[plain].equals(theirs) and ours[other].equals(theirs), other


if __name__ == "__main__":
    text = table()
    if "--write" in sys.argv:
        head = PAGE.read_text().partition(MARKERS[0])[0]
        PAGE.write_text(head + MARKERS[0] + text + MARKERS[1])
    else:
        print(text, end="")
