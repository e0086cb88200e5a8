"""Writes the static dictionary and the word transforms of Brotli (RFC 7932, appendices A and B)
into Sources/PFCompression/Brotli/BrotliDictionaryData.swift.

They are part of the format, and any library that reads Brotli has them; they are taken from
libbrotlicommon and compared with the checksums that the RFC gives:
python Tests/Fixtures/make_brotli_data.py [path of libbrotlicommon.so.1]
"""

import ctypes
import pathlib
import struct
import sys
import zlib

TARGET = pathlib.Path(__file__).parents[2] / "Sources/PFCompression/Brotli"


class Dictionary(ctypes.Structure):
    _fields_ = [
        ("bit_widths", ctypes.c_uint8 * 32),
        ("offsets", ctypes.c_uint32 * 32),
        ("byte_count", ctypes.c_size_t),
        ("data", ctypes.c_void_p),
    ]


class Transforms(ctypes.Structure):
    _fields_ = [
        ("affix_byte_count", ctypes.c_uint16),
        ("affixes", ctypes.c_void_p),
        ("affix_offsets", ctypes.c_void_p),
        ("count", ctypes.c_uint32),
        ("triples", ctypes.c_void_p),
    ]


def dictionary(library: ctypes.CDLL) -> bytes:
    library.BrotliGetDictionary.restype = ctypes.POINTER(Dictionary)
    found = library.BrotliGetDictionary().contents
    words = ctypes.string_at(found.data, found.byte_count)
    assert len(words) == 122_784 and zlib.crc32(words) == 0x5136CB04
    return words


def transforms(library: ctypes.CDLL) -> bytes:
    """All transforms in the form that appendix B sums: prefix, 0, type, suffix, 0."""
    library.BrotliGetTransforms.restype = ctypes.POINTER(Transforms)
    found = library.BrotliGetTransforms().contents
    affixes = ctypes.string_at(found.affixes, found.affix_byte_count)
    offsets = struct.unpack("<50H", ctypes.string_at(found.affix_offsets, 100))
    triples = ctypes.string_at(found.triples, 3 * found.count)
    # The library's order of types: identity, omit last 1-9, ferment first, all, omit first 1-9.
    types = [0, *range(12, 21), 1, 2, *range(3, 12)]

    def affix(index: int) -> bytes:
        start = offsets[index]
        return affixes[start + 1 : start + 1 + affixes[start]] + b"\0"

    whole = b"".join(
        affix(triples[i]) + bytes([types[triples[i + 1]]]) + affix(triples[i + 2])
        for i in range(0, len(triples), 3)
    )
    assert len(whole) == 648 and zlib.crc32(whole) == 0x3D965F81
    return whole


def deflated(data: bytes) -> str:
    """Small (RFC 1951), and filled up to whole words behind its end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    packed = packer.compress(data) + packer.flush()
    count = f"  static let deflatedByteCount = {len(packed)}\n"
    padded = packed + bytes(-len(packed) % 8)
    return array("deflatedWords", "Appendix A: 122784 bytes, deflated.", padded) + count


def array(name: str, comment: str, data: bytes) -> str:
    words = [f"0x{word:016X}" for (word,) in struct.iter_unpack("<Q", data)]
    lines = [", ".join(words[i : i + 4]) for i in range(0, len(words), 4)]
    body = ",\n    ".join(lines)
    return f"  /// {comment}\n  static let {name}: [UInt64] = [\n    {body},\n  ]\n"


if __name__ == "__main__":
    library = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libbrotlicommon.so.1")
    (TARGET / "BrotliDictionaryData.swift").write_text(
        "// Written by Tests/Fixtures/make_brotli_data.py; do not edit.\n\n"
        "/// The data of RFC 7932, in little-endian words, which the compiler lays out as they are.\n"
        "enum BrotliDictionaryData {\n"
        + deflated(dictionary(library))
        + "\n"
        + array(
            "transforms",
            "Appendix B: 648 bytes; prefix, 0, type, suffix, 0 of each transform.",
            transforms(library),
        )
        + "}\n"
    )
