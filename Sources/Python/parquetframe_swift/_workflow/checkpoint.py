"""What a run keeps of its steps, so that another run can go on from there."""

from __future__ import annotations

import ctypes
import hashlib
import io
import os
import pickle
import types

from .. import _ffi, _ipc, _table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# ---- Outputs ---------------------------------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """pickle, which knows tables of the engine."""

    def reducer_override(self, value: object) -> object:
        if isinstance(value, _table.Table):
            return _table_of_ipc, (_ipc.bytes_of(value),)
        return NotImplemented


def pickled(value: object) -> bytes | None:
    """The value as bytes; None where it cannot be pickled."""
    file = io.BytesIO()
    try:
        _Pickler(file, 5).dump(value)
    except Exception:  # noqa: BLE001 - `__reduce__` raises what it likes
        return None
    return file.getvalue()


def _table_of_ipc(content: bytes) -> _table.Table:
    return _table.Table._of_handle(_ffi.create("pf_table_read_ipc", content, len(content)))


class Output:
    """What the engine has of a step, or of one of its elements: a table, bytes, a number of elements."""

    __slots__ = ("count", "kept", "table")

    def __init__(self, run: int, step: int, element: int) -> None:
        table, start = ctypes.c_uint64(), ctypes.c_void_p()
        byte_count, count = ctypes.c_int64(), ctypes.c_int64()
        _ffi.call(
            "pf_workflow_output", run, step, element, ctypes.byref(table), ctypes.byref(start),
            ctypes.byref(byte_count), ctypes.byref(count))
        self.table = _table.Table._of_handle(_ffi.Handle(table.value)) if table.value else None
        self.count: int = count.value
        self.kept: bytes | None = None
        if start.value is not None:
            try:
                self.kept = ctypes.string_at(start, byte_count.value)
            finally:
                _ffi.library().pf_string_free(start)

    def value(self, default: object) -> object:
        """The output, or `default` where there is none. Raises what unpickling raises."""
        if self.kept is not None:
            return pickle.loads(self.kept)
        return default if self.table is None else self.table


# ---- Keys ------------------------------------------------------------------------------------------


def options(path: str | os.PathLike, resume: bool, sync: bool, unreadable: list) -> dict:
    """The option `checkpoint` of `pf_workflow_start`."""
    return {
        "path": os.path.abspath(os.fsdecode(path)), "resume": resume, "sync": sync, "unreadable": unreadable}


def keys_of(inputs: Mapping) -> dict[str, str]:
    """A text for each input of a run that changes with it; none for those that cannot be pickled."""
    keys = {}
    for name, value in inputs.items():
        digest = hashlib.sha256()
        if _add_value(value, digest):
            keys[str(name)] = digest.hexdigest()
    return keys


def version(function: Callable) -> str:
    """A text that changes with the name and the code of a function, as far as that can be seen:

    - its qualified name, bytecode, constants (functions and classes inside of it included), and the names of
      the globals and attributes that it uses;
    - its defaults, and what it holds of functions around it (a decorator's function, another's argument), where
      these are functions themselves, or None, truth values, numbers, texts, bytes, or tuples and frozensets
      of these; lists, dicts and sets are taken for places, whose contents change while steps run;
    - of a `functools.partial` the arguments, of a method its function, of a callable object its class's
      `__call__`.

    What globals and the functions that it calls by name stand for is not looked at.
    """
    digest = hashlib.sha256()
    _add_function(function, digest, set())
    return digest.hexdigest()[:16]


def _add_function(function: Callable, digest, seen: set) -> None:
    if id(function) in seen:
        return
    seen.add(id(function))
    if isinstance(function, types.MethodType):
        function = function.__func__
    digest.update(f"{getattr(function, '__qualname__', '')}\n".encode("utf-8", "replace"))
    code = getattr(function, "__code__", None)
    if code is not None:
        _add_code(code, digest)
        parts = [function.__defaults__, tuple(sorted((function.__kwdefaults__ or {}).items()))]
        for cell in function.__closure__ or ():
            try:
                parts.append(cell.cell_contents)
            except ValueError:  # not yet bound
                parts.append(None)
        for part in parts:
            _add_part(part, digest, seen)
        return
    kind = type(function)
    if hasattr(function, "func") and hasattr(function, "keywords"):
        for part in (function.func, function.args, tuple(sorted(function.keywords.items()))):
            _add_part(part, digest, seen)
    else:
        digest.update(f"{kind.__module__}.{kind.__qualname__}\n".encode("utf-8", "replace"))
        call = getattr(kind, "__call__", None)
        if isinstance(call, types.FunctionType):
            _add_function(call, digest, seen)


def _add_part(part: object, digest, seen: set) -> None:
    if isinstance(part, (types.FunctionType, types.MethodType)):
        _add_function(part, digest, seen)
    elif isinstance(part, tuple):
        for one in part:
            _add_part(one, digest, seen)
    else:
        _add_plain(part, digest, fixed=True)


def _add_code(code: types.CodeType, digest) -> None:
    digest.update(code.co_code)
    digest.update(repr((code.co_names, code.co_varnames[: code.co_argcount])).encode("utf-8", "replace"))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _add_code(constant, digest)
        else:
            _add_plain(constant, digest, fixed=True)


def _add_value(value: object, digest) -> bool:
    if _add_plain(value, digest):
        return True
    content = pickled(value)
    if content is None:
        return False
    digest.update(content)
    return True


_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))


def _add_plain(value: object, digest, depth: int = 100, fixed: bool = False) -> bool:
    """Adds a value of Python's own types, the same for equal ones in every process; false where it is or holds
    another, or with `fixed` one that can be changed."""
    kind = type(value)
    if kind in _PLAIN:
        digest.update(f"{kind.__name__} {value!r}\n".encode("utf-8", "backslashreplace"))
        return True
    if depth == 0 or fixed and kind not in (tuple, frozenset):
        return False
    if kind in (list, tuple):
        parts = list(value)
    elif kind in (set, frozenset):
        parts = sorted(value, key=_digest_of)
    elif kind is dict:
        parts = [part for item in value.items() for part in item]
    else:
        return False
    digest.update(f"{kind.__name__} {len(parts)}\n".encode())
    return all([_add_plain(part, digest, depth - 1, fixed) for part in parts])


def _digest_of(value: object) -> bytes:
    digest = hashlib.sha256()
    _add_plain(value, digest)
    return digest.digest()
