"""The footer of a Parquet file."""

from __future__ import annotations

import operator

from . import _ffi, _source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from . import _schema


def json_of(file: _source.File, function: str, **options):
    """What a function of the engine that gives JSON gives of a file."""
    import ctypes
    import json

    text = ctypes.c_void_p()
    file.call(function, _ffi.options(**options), ctypes.byref(text))
    return json.loads(_ffi.take_string(text))


def column_names(file: _source.File) -> list[str]:
    """The dotted paths of the leaf columns."""
    return json_of(file, "pf_parquet_metadata", sections=["paths"])["paths"]


def column_info(file: _source.File) -> list[dict]:
    """One dict for each leaf column: path, name, physical, logical and arrow type, nullable."""
    return json_of(file, "pf_parquet_metadata", sections=["columns"])["columns"]


def column_statistics(
    file: _source.File, columns: Sequence[str] | None, row_groups: Sequence[int] | None
) -> dict[str, Node]:
    """What the footer says about columns, merged over row groups; see `pfs.column_statistics`."""
    found = json_of(file, "pf_parquet_statistics", columns=columns, row_groups=row_groups)
    return {summary.pop("path"): Node(summary) for summary in found}


class ParquetMetadata:
    """What a Parquet file says about itself.

    The counts are there at once; everything else is decoded when it is first asked for.
    """

    def __init__(self, file: _source.File) -> None:
        self._file = file
        self.num_rows, self.num_row_groups, self.num_columns = file.shape()
        self._content: dict | None = None
        self._facts: dict | None = None
        self._leaves: list | None = None
        self._arrow_schema = None
        if file.reads_python_object:  # which its owner may close after this call
            self.to_dict()

    def _part(self, **selection) -> dict:
        """The parts of the footer that the options of `pf_parquet_metadata` select."""
        return json_of(self._file, "pf_parquet_metadata", **selection)

    def to_dict(self) -> dict:
        """Everything as plain dicts, lists, numbers and strings (Specs/metadata.md)."""
        if self._content is None:
            self._content = self._part()
        return self._content

    def _fact(self, name: str):
        if self._content is not None:
            return self._content.get(name)
        if self._facts is None:
            self._facts = self._part(sections=["file"])
        return self._facts[name]

    @property
    def created_by(self) -> str | None:
        return self._fact("created_by")

    @property
    def version(self) -> int:
        """The version of the format that the writer claims."""
        return self._fact("version")

    @property
    def key_value_metadata(self) -> dict[str, str | None]:
        return self._fact("key_value_metadata")

    @property
    def schema(self) -> _schema.Schema:
        """The Arrow schema that a read gives."""
        if self._arrow_schema is None:
            from . import _schema

            file = self._file
            self._arrow_schema = _schema.Schema(lambda address: file.call("pf_parquet_schema", address))
        return self._arrow_schema

    @property
    def row_groups(self) -> Sequence[Node]:
        """`row_groups[i].columns[j]`: encodings, codec, sizes, statistics of each column chunk.

        Only the chunks that are looked at are decoded.
        """
        if self._content is not None:
            return [Node(group) for group in self._content["row_groups"]]
        return _RowGroups(self)

    def column_info(self) -> list[dict]:
        """One dict for each leaf column: path, name, physical, logical and arrow type, nullable."""
        if self._content is not None:
            return self._content["columns"]
        if self._leaves is None:
            self._leaves = column_info(self._file)
        return self._leaves

    def column_names(self) -> list[str]:
        """The dotted paths of the leaf columns."""
        if self._content is not None or self._leaves is not None:
            return [column["path"] for column in self.column_info()]
        return column_names(self._file)

    def column_statistics(
        self, columns: Sequence[str] | None = None, row_groups: Sequence[int] | None = None
    ) -> dict[str, Node]:
        """What the footer says about columns, merged over row groups; see `column_statistics`."""
        return column_statistics(self._file, columns, row_groups)

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
        return {key: _plain(value) for key, value in self._content.items()}

    def __dir__(self) -> list[str]:
        return [*self._content, "to_dict"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._content == other._content

    def __repr__(self) -> str:
        shown = {
            key: f"[{len(value)} items]" if isinstance(value, (list, _Lazy)) and len(value) > 8 else value
            for key, value in self._content.items()}
        return "\n".join(f"{key}: {value}" for key, value in shown.items())


class _Lazy:
    """A sequence of nodes, each made when it is asked for."""

    def __init__(self, count: int) -> None:
        self._nodes: list = [None] * count

    def _make(self, index: int) -> Node:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = operator.index(index)
        node = self._nodes[index]
        if node is None:
            node = self._nodes[index] = self._make(index % len(self))
        return node

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (_Lazy, list)) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"[{len(self)} items]"


class _RowGroups(_Lazy):
    def __init__(self, metadata: ParquetMetadata) -> None:
        super().__init__(metadata.num_row_groups)
        self._metadata = metadata
        self._facts: list | None = None

    def _make(self, index: int) -> Node:
        if self._facts is None:
            self._facts = self._metadata._part(sections=["row_groups"], columns=[])["row_groups"]
        facts = self._facts[index]
        return Node({**facts, "columns": _Chunks(self._metadata, index, facts["num_columns"])})


class _Chunks(_Lazy):
    def __init__(self, metadata: ParquetMetadata, row_group: int, count: int) -> None:
        super().__init__(min(count, metadata.num_columns))
        self._metadata = metadata
        self._row_group = row_group

    def _load(self, columns: list | None) -> list:
        part = self._metadata._part(
            sections=["row_groups"], row_groups=[self._row_group], columns=columns)
        return [Node(chunk) for chunk in part["row_groups"][0]["columns"]]

    def _make(self, index: int) -> Node:
        return self._load([index])[0]

    def __iter__(self) -> Iterator[Node]:
        if None in self._nodes:
            self._nodes = self._load(None)
        return iter(self._nodes)


def _wrapped(value):
    if isinstance(value, dict):
        return Node(value)
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    return value


def _plain(value):
    return [node.to_dict() for node in value] if isinstance(value, _Lazy) else value
