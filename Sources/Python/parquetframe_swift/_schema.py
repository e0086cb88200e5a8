"""Schemas: the Arrow types of columns, in words and as Arrow's C struct."""

from __future__ import annotations

import struct

from . import _arrow, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIMPLE = {
    "n": "null", "b": "bool", "c": "int8", "C": "uint8", "s": "int16", "S": "uint16", "i": "int32",
    "I": "uint32", "l": "int64", "L": "uint64", "e": "halffloat", "f": "float", "g": "double",
    "z": "binary", "Z": "large_binary", "vz": "binary_view", "u": "string", "U": "large_string",
    "vu": "string_view", "tdD": "date32[day]", "tdm": "date64[ms]", "tts": "time32[s]",
    "ttm": "time32[ms]", "ttu": "time64[us]", "ttn": "time64[ns]", "tDs": "duration[s]",
    "tDm": "duration[ms]", "tDu": "duration[us]", "tDn": "duration[ns]", "tiM": "month_interval",
    "tiD": "day_time_interval", "tin": "month_day_nano_interval",
}
UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}
_DEEPEST = 512


class Field:
    """One column or nested field: `name`, `type` in words, `nullable`, `metadata`, `children`.

    `format` is the type as Arrow's C Data interface writes it. A dictionary-encoded field has the
    type of its indices in `format` and the field of its values in `dictionary`.
    """

    __slots__ = ("name", "format", "flags", "metadata", "children", "dictionary")

    def __init__(self, address: int, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise errors.LimitError(f"a schema is nested deeper than {_DEEPEST} levels")
        raw = _arrow.ArrowSchema.from_address(address)
        self.name = (raw.name or b"").decode("utf-8", "replace")
        self.format = raw.format.decode("ascii")
        self.flags = raw.flags
        self.metadata = _metadata(raw.metadata)
        self.children = _children(raw, depth + 1)
        self.dictionary = Field(raw.dictionary, depth + 1) if raw.dictionary else None

    @property
    def nullable(self) -> bool:
        return bool(self.flags & 2)

    @property
    def type(self) -> str:
        if self.dictionary is not None:
            ordered = self.flags & 1
            return f"dictionary<values={self.dictionary.type}, indices={self._storage}, ordered={ordered}>"
        return self._storage

    @property
    def _storage(self) -> str:
        code = self.format
        if code in _SIMPLE:
            return _SIMPLE[code]
        rest = code[code.find(":") + 1:]
        if code.startswith("w:"):
            return f"fixed_size_binary[{rest}]"
        if code.startswith("d:"):
            precision, scale, width = decimal_parts(code)
            return f"decimal{width}({precision}, {scale})"
        if code.startswith("ts"):
            zone = f", tz={code[4:]}" if code[4:] else ""
            return f"timestamp[{UNITS[code[2]]}{zone}]"
        inner = ", ".join(str(child) for child in self.children)
        if code in ("+l", "+L", "+vl", "+vL"):
            kind = {"+l": "list", "+L": "large_list", "+vl": "list_view", "+vL": "large_list_view"}[code]
            return f"{kind}<{inner}>"
        if code.startswith("+w:"):
            return f"fixed_size_list<{inner}>[{rest}]"
        if code == "+s":
            return f"struct<{inner}>"
        if code == "+r":
            return f"run_end_encoded<{inner}>"
        if code == "+m":
            entries = self.children[0]
            key, value = entries.children
            is_sorted = ", keys_sorted" if self.flags & 4 else ""
            return (f"map<{key._named('key')}, {value._named('value')}{is_sorted}"
                    f"{entries._suffix('entries')}>")
        if code.startswith(("+ud:", "+us:")):
            kind = "dense" if code[2] == "d" else "sparse"
            numbered = (f"{child}={number}" for child, number in zip(self.children, rest.split(",")))
            return f"{kind}_union<{', '.join(numbered)}>"
        return code

    def _named(self, usual: str) -> str:
        return self.type + self._suffix(usual)

    def _suffix(self, usual: str) -> str:
        """The name of a part of a map, where it is not the usual one."""
        return "" if self.name == usual else f" ('{self.name}')"

    def _key(self) -> tuple:
        return (self.name, self.format, self.flags & 3, self.children, self.dictionary)

    def __eq__(self, other: object) -> bool:
        """Equal names, types and nullability, at every level; metadata may differ."""
        return isinstance(other, Field) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.name, self.format))

    def __str__(self) -> str:
        return f"{self.name}: {self.type}{'' if self.nullable else ' not null'}"

    def __repr__(self) -> str:
        return f"<Field {self}>"


class Schema:
    """The columns of a table: a sequence of `Field`s, also found by name.

    It speaks the Arrow PyCapsule protocol (`__arrow_c_schema__`).
    """

    def __init__(self, export: Callable[[int], None], capsule: Callable[[], object] | None = None) -> None:
        """`export(address)` fills an `ArrowSchema`; `capsule()` makes the same as a capsule."""
        self._capsule = capsule or (lambda: _arrow.new_capsule("schema", export))
        self._raw = _arrow.OwnedSchema()
        export(self._raw.address)
        # Made when asked for: most files of thousands of columns are asked for few.
        self._top: Field | None = None

    @property
    def _fields(self) -> tuple:
        if self._top is None:
            self._top = Field(self._raw.address)
        return self._top.children

    @property
    def fields(self) -> tuple:
        return self._fields

    @property
    def names(self) -> list[str]:
        if self._top is not None:
            return [field.name for field in self._fields]
        return _names(self._raw.struct)

    @property
    def types(self) -> list[str]:
        return [field.type for field in self._fields]

    @property
    def metadata(self) -> dict[bytes, bytes] | None:
        """Key-value pairs as bytes, or None."""
        return _metadata(self._raw.struct.metadata)

    def to_pyarrow(self):
        """The same as a `pyarrow.Schema`."""
        import pyarrow

        return pyarrow.schema(self)

    def __arrow_c_schema__(self) -> object:
        return self._capsule()

    def __len__(self) -> int:
        return self._raw.struct.n_children

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields)

    def __getitem__(self, key: int | str) -> Field:
        if isinstance(key, str):
            return self._fields[position(self.names, key)]
        return self._fields[key]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return "\n".join(str(field) for field in self._fields) or "(no columns)"


_WORDS = 9


class _Block:
    """The structs of siblings, which the engine puts side by side: each member in one go."""

    def __init__(self, address: int, count: int) -> None:
        self._address, self._count = address, _WORDS * count

    @classmethod
    def of(cls, addresses: list) -> _Block | None:
        """None where they lie otherwise, or where the members are not words of one size."""
        import ctypes

        size = ctypes.sizeof(_arrow.ArrowSchema)
        if len(addresses) < 2 or size != _WORDS * ctypes.sizeof(ctypes.c_void_p):
            return None
        first = addresses[0]
        if addresses != list(range(first, first + size * len(addresses), size)):
            return None
        return cls(first, len(addresses))

    def members(self, kind: type, place: int) -> list:
        """The member that is the word at `place`, of each struct."""
        return (kind * self._count).from_address(self._address)[place::_WORDS]


def _names(raw: _arrow.ArrowSchema) -> list[str]:
    """The names of a struct's children, of which there may be thousands."""
    addresses = raw.children[:raw.n_children]
    block = _Block.of(addresses)
    if block is None:
        names = [_arrow.ArrowSchema.from_address(address).name for address in addresses]
    else:
        names = block.members(_arrow.c_char_p, 1)
    return [(name or b"").decode("utf-8", "replace") for name in names]


def _children(raw: _arrow.ArrowSchema, depth: int) -> tuple:
    addresses = raw.children[:raw.n_children]
    block = _Block.of(addresses)
    if block is None or depth > _DEEPEST:
        return tuple(Field(address, depth) for address in addresses)
    members = zip(
        addresses, block.members(_arrow.c_char_p, 0), block.members(_arrow.c_char_p, 1),
        block.members(_arrow.c_void_p, 2), block.members(_arrow.c_int64, 3),
        block.members(_arrow.c_int64, 4), block.members(_arrow.c_void_p, 6))
    fields = []
    for address, format, name, metadata, flags, child_count, dictionary in members:
        if child_count or dictionary:
            fields.append(Field(address, depth))
            continue
        field = Field.__new__(Field)
        field.name = (name or b"").decode("utf-8", "replace")
        field.format = format.decode("ascii")
        field.flags = flags
        field.metadata = _metadata(metadata) if metadata else None
        field.children = ()
        field.dictionary = None
        fields.append(field)
    return tuple(fields)


def position(names: list, name: str) -> int:
    """Where `name` is among `names`; UnknownColumnError with the nearest names otherwise."""
    count = names.count(name)
    if count == 1:
        return names.index(name)
    if count:
        raise errors.ArgumentError(f"{count} columns are named {name!r}; choose one by its index")
    import difflib

    folded: dict = {}
    for known in names:
        folded.setdefault(known.casefold(), known)
    nearest = [folded[key] for key in difflib.get_close_matches(name.casefold(), folded, 3, 0.5)]
    hint = f"; the nearest: {', '.join(map(repr, nearest))}" if nearest else ""
    raise errors.UnknownColumnError(f"no column is named {name!r}{hint}", {"name": name, "nearest": nearest})


def decimal_parts(code: str) -> tuple:
    """(precision, scale, bits) of a decimal's format, such as `d:19,10` or `d:9,2,32`."""
    numbers = [int(part) for part in code[2:].split(",")]
    return (*numbers, 128) if len(numbers) == 2 else tuple(numbers)


def _metadata(address: int | None) -> dict | None:
    """Arrow's metadata block: int32 counts and lengths in native order."""
    if not address:
        return None
    import ctypes

    def number() -> int:
        nonlocal address
        (value,) = struct.unpack("=i", ctypes.string_at(address, 4))
        address += 4
        return value

    def text() -> bytes:
        nonlocal address
        count = number()
        value = ctypes.string_at(address, count)
        address += count
        return value

    return {text(): text() for _ in range(number())}


_LAYOUTS = {"u": "utf8", "z": "utf8", "U": "large_utf8", "Z": "large_utf8", "vu": "utf8_view", "vz": "utf8_view"}


def string_outputs(requested_schema: object) -> dict[str, str]:
    """The layouts, as the engine calls them, of the fields of strings and bytes of a schema capsule."""
    wanted = Field(_arrow.capsule_address(requested_schema, "schema"))
    return {field.name: output for field in wanted.children if (output := _string_output(field))}


def string_output(requested_schema: object) -> str | None:
    """The layout that a schema capsule of a single field has; None for other types."""
    return _string_output(Field(_arrow.capsule_address(requested_schema, "schema")))


def _string_output(field: Field) -> str | None:
    if field.dictionary is not None:
        return "dictionary" if field.dictionary.format in _LAYOUTS else None
    return _LAYOUTS.get(field.format)
