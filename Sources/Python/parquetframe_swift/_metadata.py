"""The footer of a Parquet file."""

from __future__ import annotations

from . import _ffi, _source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import _schema


class ParquetMetadata:
    """What a Parquet file says about itself.

    The counts are there at once; everything else is decoded when it is first asked for.
    """

    def __init__(self, file: _source.File) -> None:
        self._file = file
        self.num_rows, self.num_row_groups, self.num_columns, _ = file.counts()
        self._content: dict | None = None
        self._arrow_schema = None
        if file.reads_python_object:  # which its owner may close after this call
            self.to_dict()

    def to_dict(self) -> dict:
        """Everything as plain dicts, lists, numbers and strings (Specs/metadata.md)."""
        if self._content is None:
            import ctypes
            import json

            text = ctypes.c_void_p()
            self._file.call("pf_parquet_metadata", ctypes.byref(text))
            self._content = json.loads(_ffi.take_string(text))
        return self._content

    @property
    def created_by(self) -> str | None:
        return self.to_dict().get("created_by")

    @property
    def version(self) -> int:
        """The version of the format that the writer claims."""
        return self.to_dict()["version"]

    @property
    def key_value_metadata(self) -> dict[str, str | None]:
        return self.to_dict()["key_value_metadata"]

    @property
    def schema(self) -> _schema.Schema:
        """The Arrow schema that a read gives."""
        if self._arrow_schema is None:
            from . import _schema

            file = self._file
            self._arrow_schema = _schema.Schema(lambda address: file.call("pf_parquet_schema", address))
        return self._arrow_schema

    @property
    def row_groups(self) -> list[Node]:
        """`row_groups[i].columns[j]`: encodings, codec, sizes, statistics of each column chunk."""
        return [Node(group) for group in self.to_dict()["row_groups"]]

    def column_info(self) -> list[dict]:
        """One dict for each leaf column: path, name, physical, logical and arrow type, nullable."""
        return self.to_dict()["columns"]

    def _rows(self) -> list[tuple[str, str]]:
        pairs = [
            ("rows", f"{self.num_rows:,}"), ("row groups", f"{self.num_row_groups:,}"),
            ("columns", f"{self.num_columns:,}"), ("created by", self.created_by or "unknown"),
            ("format version", str(self.version)),
        ]
        if self.key_value_metadata:
            pairs.append(("key-value metadata", ", ".join(self.key_value_metadata)))
        return pairs

    def __repr__(self) -> str:
        lines = [f"{name + ':':20}{value}" for name, value in self._rows()]
        for column in self.column_info()[:30]:
            lines.append(f"  {_column_line(column)}")
        if self.num_columns > 30:
            lines.append(f"  … {self.num_columns - 30} more")
        return "\n".join(["ParquetMetadata", *lines])

    def _repr_html_(self) -> str:
        from html import escape

        facts = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self._rows())
        columns = "".join(
            f"<li><code>{escape(_column_line(column))}</code></li>" for column in self.column_info()[:30])
        return f"<table>{facts}</table><ul>{columns}</ul>"


def _column_line(column: dict) -> str:
    logical = column.get("logical_type")
    shown = column["physical_type"] + (f" ({logical})" if logical else "")
    return f"{column['path']}: {shown}{'' if column['nullable'] else ' not null'}"


_PYARROW_NAMES = {"compression": "codec", "path_in_schema": "path"}


class Node:
    """A part of the metadata, whose keys are attributes; a mapping as well.

    The names that pyarrow has for two of them, `compression` and `path_in_schema`, work too.
    """

    __slots__ = ("_content",)

    def __init__(self, content: dict) -> None:
        self._content = content

    def __getattr__(self, name: str):
        try:
            return _wrapped(self._content[_PYARROW_NAMES.get(name, name)])
        except KeyError:
            raise AttributeError(f"there is no {name!r}; there are {', '.join(self._content)}") from None

    def __getitem__(self, name: str):
        return _wrapped(self._content[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def keys(self):
        return self._content.keys()

    def to_dict(self) -> dict:
        return self._content

    def __dir__(self) -> list[str]:
        return [*self._content, "to_dict"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._content == other._content

    def __repr__(self) -> str:
        shown = {
            key: f"[{len(value)} items]" if isinstance(value, list) and len(value) > 8 else value
            for key, value in self._content.items()}
        return "\n".join(f"{key}: {value}" for key, value in shown.items())


def _wrapped(value):
    if isinstance(value, dict):
        return Node(value)
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    return value
