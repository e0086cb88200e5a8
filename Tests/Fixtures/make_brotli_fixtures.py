"""Writes Tests/Fixtures/brotli/: streams that the Swift tests read, and words of the dictionary
after each transform.

Run with a pyarrow of 20 or later and libbrotlicommon: python Tests/Fixtures/make_brotli_fixtures.py
"""

import ctypes
import pathlib

import pyarrow as pa

from make_brotli_data import Dictionary, Transforms

FOLDER = pathlib.Path(__file__).parent / "brotli"

TEXT = """A Parquet file is a magic number, then row groups, then a footer that says where all is.
Each column of a row group is a chunk of pages. Pages hold levels and values; dictionaries come
first. The government of the United States, the University of California and the International
Organization for Standardization are in the dictionary of this format, because it was made for the
World Wide Web: <a href="http://www.example.com/index.html" title="Search">, the Privacy Policy,
«привет, мир», 中文 and Português are, too. ABOUT THE AUTHOR: someone who writes decompressors.
""".encode()

# Literals whose kind depends on what came before, in stretches that want block types of their own.
MIXED = b"".join(
    [TEXT]
    + [b"".join((number * number % 7919).to_bytes(8, "little") for number in range(400))]
    + [b"".join(b'{"id": %d, "name": "n%d"}, ' % (i, i * i % 101) for i in range(200))]
    + [bytes(range(256)) * 2, TEXT.upper()]
) * 2


def transformed_words() -> bytes:
    """By transform, words of several lengths: the size of each and its bytes."""
    library = ctypes.CDLL("libbrotlicommon.so.1")
    library.BrotliGetDictionary.restype = ctypes.POINTER(Dictionary)
    library.BrotliGetTransforms.restype = ctypes.POINTER(Transforms)
    words = library.BrotliGetDictionary().contents
    transforms = library.BrotliGetTransforms()
    whole = b""
    for transform in range(transforms.contents.count):
        for length, index in [(4, 0), (5, 1023), (6, 1500), (8, 900), (13, 500), (24, 31)]:
            word = ctypes.string_at(words.data + words.offsets[length] + length * index, length)
            target = ctypes.create_string_buffer(64)
            size = library.BrotliTransformDictionaryWord(
                target, word, length, transforms, transform
            )
            whole += bytes([size]) + target.raw[:size]
    return whole


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "text").write_bytes(TEXT)
    (FOLDER / "mixed").write_bytes(MIXED)
    for name, content in [("text", TEXT), ("mixed", MIXED)]:
        for quality in [0, 1, 4, 9, 11]:
            codec = pa.Codec("brotli", quality)
            packed = codec.compress(content, asbytes=True)
            (FOLDER / f"{name}-{quality}.br").write_bytes(packed)
    (FOLDER / "transformed-words").write_bytes(transformed_words())
