"""What an Avro file says of itself."""

from __future__ import annotations

from . import _metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from . import _source

_SHOWN = 30


def of_file(file: _source.File) -> AvroMetadata:
    """The metadata of an open file of the engine."""
    metadata = AvroMetadata(
        lambda *sections: _metadata.json_of(file, "pf_avro_metadata", sections=list(sections)))
    if file.reads_python_object:  # which its owner may close after this call
        metadata.to_dict()
    return metadata


class AvroMetadata:
    """What an Avro file says of itself.

    What stands in its head is there at once; its blocks are looked for when they are first asked for.
    """

    def __init__(self, parts: Callable[..., dict]) -> None:
        self._parts = parts
        self._head = parts("file", "schema")
        self._walk: dict | None = None

    def _block_part(self, name: str):
        if self._walk is None:
            self._walk = self._parts("blocks")
        return self._walk[name]

    @property
    def codec(self) -> str:
        """"null", "deflate", "snappy", "zstandard", "bzip2" or "xz"."""
        return self._head["codec"]

    @property
    def sync_marker(self) -> bytes:
        """The 16 bytes behind each block."""
        return bytes.fromhex(self._head["sync_marker"])

    @property
    def metadata(self) -> dict[str, str]:
        """The pairs of the head that are not the format's own."""
        return self._head["metadata"]

    @property
    def schema(self) -> dict | list | str:
        """The schema that the records were written with, as it stands in the file."""
        return self._head["schema"]

    @property
    def canonical_form(self) -> str:
        """The schema in the specification's Parsing Canonical Form."""
        return self._head["canonical_form"]

    @property
    def fingerprint(self) -> int:
        """The 64-bit Rabin fingerprint of the canonical form, unsigned."""
        return self._head["fingerprint"]

    @property
    def num_records(self) -> int:
        """The records of all blocks."""
        return self._block_part("records")

    @property
    def num_blocks(self) -> int:
        return len(self._block_part("blocks"))

    @property
    def blocks(self) -> list[_metadata.Node]:
        """`blocks[i].offset`, `.records` and `.bytes`, the size as it is stored."""
        return [_metadata.Node(block) for block in self._block_part("blocks")]

    def to_dict(self) -> dict:
        """Everything as plain dicts, lists, numbers and strings (Specs/metadata.md)."""
        self._block_part("blocks")
        return {**self._head, **self._walk}

    def _rows(self) -> list[tuple[str, str]]:
        stored = sum(block["bytes"] for block in self._block_part("blocks"))
        pairs = [
            ("records", f"{self.num_records:,}"), ("blocks", f"{self.num_blocks:,}, {stored:,} bytes"),
            ("codec", self.codec), ("sync marker", self._head["sync_marker"]),
        ]
        if self.metadata:
            pairs.append(("metadata", ", ".join(self.metadata)))
        return pairs

    def _lines(self) -> list[str]:
        schema = self.schema
        fields = schema.get("fields") if isinstance(schema, dict) else None
        if not isinstance(fields, list):
            return [_words(schema)]
        lines = [f"{field['name']}: {_words(field['type'])}" for field in fields[:_SHOWN]]
        return [*lines, f"… {len(fields) - _SHOWN} more"] if len(fields) > _SHOWN else lines

    def __repr__(self) -> str:
        lines = [f"{name + ':':20}{value}" for name, value in self._rows()]
        return "\n".join(["AvroMetadata", *lines, *(f"  {line}" for line in self._lines())])

    def _repr_html_(self) -> str:
        from html import escape

        facts = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self._rows())
        fields = "".join(f"<li><code>{escape(line)}</code></li>" for line in self._lines())
        return f"<table>{facts}</table><ul>{fields}</ul>"


def _words(schema) -> str:
    """A type in a few words."""
    if isinstance(schema, str):
        return schema
    if isinstance(schema, list):
        return " | ".join(map(_words, schema))
    kind = schema.get("type")
    if kind in ("array", "map"):
        part = schema.get("items" if kind == "array" else "values")
        words = f"{kind} of ({_words(part)})" if isinstance(part, list) else f"{kind} of {_words(part)}"
    elif kind in ("record", "error", "enum", "fixed"):
        words = f"{kind} {schema.get('name')}"
    else:
        words = _words(kind)
    logical = schema.get("logicalType")
    if logical == "decimal":
        logical = f"decimal({schema.get('precision')}, {schema.get('scale', 0)})"
    return f"{words} ({logical})" if logical else words
